// Gets cosignatures for one log, beside everything else: it asks the notary what was signed last,
// asks each witness on its own, and hands the notary what they answered. Whoever is slow, dead or
// lying is left behind; no token and no append ever waits for this.

import type { NotaryClient, SignedHead } from '@countersign/transparency';
import {
  type FetchLike,
  FormatError,
  meetsQuorum,
  type NoteKey,
  parseCheckpoint,
  parseNote,
  verifyWitnessedCheckpoint,
} from '@countersign/verifier';
import { type Clock, isCodedError } from '@countersign/vocabulary';
import type { WitnessPolicy } from '../settings/read-witness-policy.ts';
import { AskedWitness, type Cosigned, WitnessFailure } from './ask-witness.ts';
import { WitnessTurns } from './witness-turns.ts';

export interface WitnessedLog {
  origin: string;
  /** Ed25519 key of its checkpoints. */
  key: NoteKey;
  notary: Pick<NotaryClient, 'nextHead' | 'showCosigned' | 'checkWitnessed'>;
  /** Consistency proof between two published sizes. */
  prove(oldSize: number, size: number): Promise<Uint8Array[]>;
}

export interface WitnessingParts {
  log: WitnessedLog;
  policy: WitnessPolicy;
  clock: Clock;
  fetch?: FetchLike;
  /** A clock that is never set, for pauses. Default the process's own. */
  elapsedMs?: () => number;
  onCosigned(witness: string): void;
  /** A witness gave no cosignature; it is asked again later. */
  onFailure(witness: string, failure: WitnessFailure): void;
  /** Something of our own failed; it is tried again. */
  onFault(error: unknown): void;
  /** A witness proved that the log forgot or forked: the notary has stopped and stays so. */
  onDisproved(witness: string, error: Error & { code: string }): void;
}

/** What it is asked about now. */
interface Round extends SignedHead {
  size: number;
  /** By the witness's name. */
  cosigned: Map<string, Cosigned>;
  /** Some of them are not shown yet. */
  news: boolean;
  quorumShown: boolean;
}

export class Witnessing {
  readonly #parts: WitnessingParts;
  readonly #witnesses: readonly AskedWitness[];
  readonly #turns: WitnessTurns;
  #round: Round | undefined;
  readonly #underWay = new Set<Promise<void>>();
  #disproved = false;
  #witnessedMs: number;

  constructor(parts: WitnessingParts) {
    this.#parts = parts;
    const { clock, policy, log, fetch = globalThis.fetch } = parts;
    const nowMs = (): number => clock.nowMs();
    this.#witnesses = policy.witnesses.map(
      (place) => new AskedWitness(place, { fetch, nowMs, prove: log.prove }),
    );
    this.#turns = new WitnessTurns(
      policy.witnesses.map(({ name }) => name),
      parts.elapsedMs,
    );
    // At first nobody can have been asked; the alarm waits from here.
    this.#witnessedMs = nowMs();
  }

  get origin(): string {
    return this.#parts.log.origin;
  }

  /** As of when, in milliseconds since the epoch, a quorum last held a shown checkpoint for ours. */
  get witnessedMs(): number {
    return this.#witnessedMs;
  }

  /** Told of what `look` throws, too. */
  onFault(error: unknown): void {
    this.#parts.onFault(error);
  }

  /** False where the policy asks for no witness at all. */
  get hasQuorum(): boolean {
    return this.#parts.policy.rules.quorum !== 'none';
  }

  /** How each witness does, for the metrics. */
  get turns(): WitnessTurns {
    return this.#turns;
  }

  /** Asks for news and asks whoever's turn it is; returns without waiting for their answers. */
  async look(): Promise<void> {
    if (this.#disproved) return;
    const head = await this.#parts.log.notary.nextHead(this.#round?.sequence ?? 0);
    if (head !== undefined) this.#round = openRound(head);
    const round = this.#round;
    if (round === undefined) return;
    for (const witness of this.#witnesses) {
      const { name } = witness.place;
      if (this.#turns.isDue(name, round.sequence)) {
        const asked = this.#ask(witness, round).catch(this.#parts.onFault);
        this.#underWay.add(asked);
        asked.finally(() => this.#underWay.delete(asked));
      }
    }
  }

  /** Resolves when all that were asked so far have answered or failed. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /**
   * Compares the log with what each witness holds, before the log goes on.
   * @returns the names of those that could not be asked
   * @throws CodedError `rollback`, `log_forked`
   */
  async compareAll(): Promise<string[]> {
    const outcomes = await Promise.allSettled(
      this.#witnesses.map((witness) => this.#compare(witness)),
    );
    const reasons = outcomes.map((outcome) =>
      outcome.status === 'rejected' ? outcome.reason : undefined,
    );
    // The one that stopped the log, before those that then met a log at rest.
    const failed = (reason: unknown) => reason !== undefined && codeToPass(reason) === undefined;
    const fault = reasons.find(isDisproof) ?? reasons.find(failed);
    if (fault !== undefined) throw fault;
    return this.#witnesses.flatMap(({ place }, at) => {
      const code = codeToPass(reasons[at]);
      return code === undefined ? [] : [`${place.name} (${code})`];
    });
  }

  async #ask(witness: AskedWitness, round: Round): Promise<void> {
    const { name } = witness.place;
    this.#turns.begin(name);
    try {
      const cosigned = await witness.cosign(round);
      round.cosigned.set(name, cosigned);
      round.news = true;
      this.#turns.succeed(name, round.sequence, cosigned.timeSeconds);
      this.#parts.onCosigned(name);
    } catch (error) {
      this.#turns.fail(name, error instanceof WitnessFailure ? error.code : 'fault');
      if (!(error instanceof WitnessFailure)) throw error;
      this.#parts.onFailure(name, error);
      if (error.mayHoldOther) await this.#compareNow(witness);
    } finally {
      await this.#show(round);
    }
  }

  async #compareNow(witness: AskedWitness): Promise<void> {
    try {
      await this.#compare(witness);
    } catch (error) {
      if (error instanceof WitnessFailure) return this.#parts.onFailure(witness.place.name, error);
      if (!isDisproof(error)) throw error;
      this.#disproved = true;
      this.#parts.onDisproved(witness.place.name, error);
    }
  }

  async #compare(witness: AskedWitness): Promise<void> {
    const { origin, notary } = this.#parts.log;
    const note = await witness.held(origin);
    if (note === undefined) return;
    try {
      await notary.checkWitnessed(note);
    } catch (error) {
      if (!isCodedError(error) || error.code !== 'request_malformed') throw error;
      throw new WitnessFailure('answer_malformed', 'It holds what this log never signed.');
    }
  }

  /** As soon as a quorum is there, and again when all that can be had is. */
  async #show(round: Round): Promise<void> {
    if (round !== this.#round || !round.news || this.#disproved) return;
    const { policy, log } = this.#parts;
    const cosigners = this.#witnesses.flatMap(({ place }) =>
      round.cosigned.has(place.name) ? [place.key] : [],
    );
    const quorum = meetsQuorum(policy.rules, cosigners);
    const isFirstQuorum = quorum && !round.quorumShown;
    if (!isFirstQuorum && this.#turns.anyoneIsAsked) return;
    round.news = false;
    round.quorumShown ||= quorum;
    const lines = [...round.cosigned.values()].map(({ line }) => line).join('');
    await log.notary.showCosigned(round.sequence, lines);
    await this.#noteQuorum(round.note + lines);
  }

  /** By the verifier's own rules: what the world will say of this checkpoint. */
  async #noteQuorum(note: string): Promise<void> {
    const { log, policy, clock } = this.#parts;
    const { origin, key } = log;
    try {
      const request = { origin, logKey: key, policy: policy.rules };
      const { witnessedMs } = await verifyWitnessedCheckpoint(note, request);
      const statedMs = Math.min(witnessedMs ?? clock.nowMs(), clock.nowMs());
      this.#witnessedMs = Math.max(this.#witnessedMs, statedMs);
    } catch (error) {
      if (!(error instanceof FormatError) || error.code !== 'checkpoint_unwitnessed') throw error;
    }
  }
}

function openRound(head: SignedHead): Round {
  const { size } = parseCheckpoint(parseNote(head.note).text);
  return { ...head, size, cosigned: new Map(), news: false, quorumShown: false };
}

/** Of what passes: a witness that gave no answer, or a notary that is away just now. */
function codeToPass(reason: unknown): string | undefined {
  if (reason instanceof WitnessFailure) return reason.code;
  return isCodedError(reason) && reason.retryAfterSeconds !== undefined ? reason.code : undefined;
}

/** What the notary stopped for. */
export function isDisproof(error: unknown): error is Error & { code: string } {
  return isCodedError(error) && ['rollback', 'log_forked'].includes(error.code);
}
