// Runs the witnessing of our logs for as long as the server lives, and raises the alarm when a
// quorum has not seen one of them for a minute: strict audiences refuse its tokens from then on.

import type { Audit } from '@countersign/audit';
import { type Clock, isCodedError } from '@countersign/vocabulary';
import type { Logger } from 'pino';
import { recordAtLast } from './record-at-last.ts';
import type { Witnessing, WitnessingParts } from './witnessing.ts';

/** How soon a new checkpoint is noticed. */
const LOOK_MS = 100;
/** Older than this, the word of a quorum is an alarm. */
const ALARM_MS = 60_000;

export interface RunningWitnessing {
  stop(): void;
}

export interface RunParts {
  audit: Pick<Audit, 'record'>;
  clock: Clock;
  log: Pick<Logger, 'info' | 'warn' | 'error' | 'fatal'>;
  /** Pause before an alarm that could not be recorded is recorded again. Default 1,000. */
  retryMs?: number;
}

/** What is told of a witnessing: to the operator's log, and where it is an alarm to the record. */
export function tellOfWitnesses(
  origin: string,
  parts: RunParts,
): Pick<WitnessingParts, 'onCosigned' | 'onFailure' | 'onFault' | 'onDisproved'> {
  const { clock, log } = parts;
  const lastCodes = new Map<string, string>();
  return {
    onCosigned: (witness) => {
      if (lastCodes.delete(witness)) log.info({ origin, witness }, `witness ${witness} is back`);
    },
    onFailure: (witness, failure) => {
      // Once for each way to fail: a dead witness is asked for ever.
      if (lastCodes.get(witness) === failure.code) return;
      lastCodes.set(witness, failure.code);
      const line = { origin, witness, code: failure.code };
      log.warn(line, `witness ${witness} gave no cosignature: ${failure.message}`);
    },
    onFault: (err) => {
      // A notary that is being restarted says so itself.
      if (isCodedError(err) && err.retryAfterSeconds !== undefined) return;
      log.error({ err, origin }, 'asking the witnesses failed and will be tried again');
    },
    onDisproved: (witness, error) => {
      log.fatal({ origin, witness, code: error.code }, error.message);
      void recordAtLast(parts, {
        name: 'log.forked',
        timeMs: clock.nowMs(),
        severity: 'critical',
        reason: `witness_${error.code}`,
        message: error.message,
        extra: { origin, witness },
      });
    },
  };
}

export function runWitnessing(
  witnessings: readonly Witnessing[],
  parts: RunParts,
): RunningWitnessing {
  const stops = witnessings.map((witnessing) => {
    const alarm = new QuorumAlarm(witnessing, parts);
    let looking = false;
    const look = async (): Promise<void> => {
      if (looking) return;
      looking = true;
      try {
        await witnessing.look();
      } catch (error) {
        witnessing.onFault(error);
      } finally {
        looking = false;
      }
      await alarm.check();
    };
    const timer = setInterval(() => void look(), LOOK_MS);
    timer.unref();
    return () => clearInterval(timer);
  });
  return {
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}

/** Raised once for each time that the quorum stays away. */
export class QuorumAlarm {
  readonly #witnessing: Pick<Witnessing, 'origin' | 'witnessedMs' | 'hasQuorum'>;
  readonly #parts: RunParts;
  #raised = false;

  constructor(
    witnessing: Pick<Witnessing, 'origin' | 'witnessedMs' | 'hasQuorum'>,
    parts: RunParts,
  ) {
    this.#witnessing = witnessing;
    this.#parts = parts;
  }

  async check(): Promise<void> {
    const { origin, witnessedMs, hasQuorum } = this.#witnessing;
    const { clock, log } = this.#parts;
    if (!hasQuorum) return;
    const ageMs = clock.nowMs() - witnessedMs;
    const late = ageMs > ALARM_MS;
    if (late === this.#raised) return;
    this.#raised = late;
    if (!late) {
      log.info({ origin }, 'a quorum of witnesses sees the log again');
      return;
    }
    const ageSeconds = Math.floor(ageMs / 1000);
    const message = `No quorum of witnesses has seen the log ${origin} for ${ageSeconds} s; strict audiences refuse its tokens.`;
    log.error({ origin, ageSeconds }, message);
    await recordAtLast(this.#parts, {
      name: 'log.unwitnessed',
      timeMs: clock.nowMs(),
      reason: 'no_quorum',
      message,
      extra: { origin, ageSeconds },
    });
  }
}
