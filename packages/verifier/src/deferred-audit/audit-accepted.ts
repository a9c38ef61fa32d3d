// The deferred audit: a receipt is a promise, and every accepted one is called in within seconds.
// Finds what no single check can: an attacker who holds the issuer's and the log's receipt key.

import { encodeHex } from '../bytes/hex.ts';
import { FormatError } from '../format-error.ts';
import { urlObjection } from '../http/allow-url.ts';
import { parseVerifierKey } from '../note/verifier-key.ts';
import type {
  AuditPair,
  DeferredAuditor,
  FetchLike,
  UseReporter,
  VerifierClock,
} from '../ports.ts';
import { VerificationError } from '../refusal.ts';
import type { AuditAlarm } from './audit-alarm.ts';
import { LogAudit } from './audit-log.ts';
import { BlockedTokens } from './block-tokens.ts';

export interface AuditedLog {
  origin: string;
  /** Where `checkpoint` and `tile/…` are, without trailing slash. */
  url: string;
  /** vkey of the checkpoint key. */
  checkpointKey: string;
}

export interface DeferredAuditorOptions {
  logs: readonly AuditedLog[];
  clock: VerifierClock;
  fetch?: FetchLike;
  /** Told of every failure, fork and lag. */
  onAlarm?: (alarm: AuditAlarm) => void;
  /** Gets a use report `audit_failed` for each failure. */
  reporter?: UseReporter;
  /** Told why a round could not be completed. */
  onProblem?: (logOrigin: string, code: string, message: string) => void;
  /** What to do when accepted tokens cannot be audited in time. Default `accept`, with the alarm. */
  whenLagging?: 'accept' | 'refuse';
  /** Oldest unaudited token before the alarm. Default 30,000 ms. */
  maxLagMs?: number;
  /** Tokens waiting per log; more are refused. Default 65,536. */
  maxWaiting?: number;
  /** Characters of waiting tokens held as evidence, per log. Default 16 Mi. */
  maxTokenCharacters?: number;
  /** Failed tokens remembered, before their whole log is blocked. Default 1,024. */
  maxBlocked?: number;
  /** How long the log may take to publish a promised leaf, from its first answer. Default 5,000. */
  graceMs?: number;
  /** Time between rounds while tokens wait. Default 1,000 ms. */
  pollMs?: number;
  /** Per request, body included. Default 3,000 ms. */
  timeoutMs?: number;
  /** Tiles kept per log, 8 KiB each. Default 256. */
  maxTiles?: number;
}

/** A deferred auditor whose rounds can also be driven by hand, where timers do not run. */
export interface RunningAuditor extends DeferredAuditor {
  /** One round over all logs with waiting tokens; never rejects. */
  audit(): Promise<void>;
  close(): Promise<void>;
}

interface Auditing {
  log: LogAudit;
  lagging: boolean;
}

/** @throws VerificationError `verifier_misconfigured`; FormatError `vkey_malformed` */
export function createDeferredAuditor(options: DeferredAuditorOptions): RunningAuditor {
  return new TimedAuditor(options);
}

class TimedAuditor implements RunningAuditor {
  readonly #options: DeferredAuditorOptions;
  readonly #logs = new Map<string, Auditing>();
  readonly #blocked: BlockedTokens;
  readonly #closing = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #round: Promise<void> | undefined;

  constructor(options: DeferredAuditorOptions) {
    this.#options = options;
    this.#blocked = new BlockedTokens(options.maxBlocked ?? 1_024);
    for (const place of options.logs) {
      this.#logs.set(place.origin, { log: this.#open(place), lagging: false });
    }
  }

  enqueue(pair: AuditPair): boolean {
    const auditing = this.#logs.get(pair.logOrigin);
    if (auditing === undefined || this.#closing.signal.aborted) return false;
    if (this.#blocked.logBlocked(pair.logOrigin)) return false;
    if (auditing.log.waiting >= (this.#options.maxWaiting ?? 65_536)) return false;
    this.#watchLag(pair.logOrigin, auditing);
    if (auditing.lagging && this.#options.whenLagging === 'refuse') return false;
    auditing.log.add(pair);
    this.#schedule();
    return true;
  }

  blocked(tokenHash: string, logOrigin: string): boolean {
    return this.#blocked.has(tokenHash, logOrigin);
  }

  auditLagMs(nowMs: number): number {
    return Math.max(0, ...[...this.#logs.values()].map(({ log }) => log.lagMs(nowMs)));
  }

  audit(): Promise<void> {
    this.#round ??= this.#auditAll().finally(() => {
      this.#round = undefined;
      this.#schedule();
    });
    return this.#round;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    await this.#round;
  }

  #open(place: AuditedLog): LogAudit {
    const options = this.#options;
    const checkpointKey = parseVerifierKey(place.checkpointKey);
    if (checkpointKey.purpose !== 'ed25519' || checkpointKey.name !== place.origin) {
      throw new FormatError(
        'vkey_malformed',
        'A checkpoint key is named by the origin of its log.',
      );
    }
    const objection = urlObjection(place.url);
    if (objection !== undefined) {
      const message = `The URL of the log ${place.origin} cannot be used. ${objection}`;
      throw new VerificationError('verifier_misconfigured', message);
    }
    return new LogAudit({
      origin: place.origin,
      url: place.url,
      checkpointKey,
      fetch: options.fetch ?? ((url, init) => fetch(url, init)),
      clock: options.clock,
      signal: this.#closing.signal,
      timeoutMs: options.timeoutMs ?? 3_000,
      maxTiles: options.maxTiles ?? 256,
      graceMs: options.graceMs ?? 5_000,
      maxTokenCharacters: options.maxTokenCharacters ?? 16 * 1024 * 1024,
      onFailure: (pair, alarm) => this.#fail(pair, alarm),
      onFork: (alarm) => {
        this.#blocked.blockLog(alarm.logOrigin);
        this.#alarm(alarm);
      },
    });
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#closing.signal.aborted) return;
    if (![...this.#logs].some(([origin, { log }]) => this.#needsAudit(origin, log))) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.audit();
    }, this.#options.pollMs ?? 1_000);
    // An audit does not keep a process alive that has nothing else to do.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  /** A blocked log has nothing left to prove: all its tokens are refused. */
  #needsAudit(origin: string, log: LogAudit): boolean {
    return log.waiting > 0 && !this.#blocked.logBlocked(origin);
  }

  async #auditAll(): Promise<void> {
    for (const [origin, auditing] of this.#logs) {
      if (!this.#needsAudit(origin, auditing.log)) continue;
      try {
        await auditing.log.round();
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'unexpected';
        const message = error instanceof Error ? error.message : 'Unknown failure.';
        this.#options.onProblem?.(origin, code, message);
      }
      this.#watchLag(origin, auditing);
    }
  }

  #watchLag(logOrigin: string, auditing: Auditing): void {
    const atMs = this.#options.clock.nowMs();
    const lagging = auditing.log.lagMs(atMs) > (this.#options.maxLagMs ?? 30_000);
    if (lagging === auditing.lagging) return;
    auditing.lagging = lagging;
    const message = lagging
      ? 'Accepted tokens cannot be checked against the log: it does not answer in time.'
      : 'Accepted tokens are checked against the log again.';
    const kind = lagging ? 'audit_lagging' : 'audit_recovered';
    this.#alarm({ kind, logOrigin, atMs, message });
  }

  #alarm(alarm: AuditAlarm): void {
    try {
      this.#options.onAlarm?.(alarm);
    } catch (error) {
      // The listener's fault must not keep the other tokens from being checked.
      const message = error instanceof Error ? error.message : 'Unknown failure.';
      this.#options.onProblem?.(alarm.logOrigin, 'alarm_listener_failed', message);
    }
  }

  #fail(pair: AuditPair, alarm: AuditAlarm): void {
    const { tokenHash, logOrigin } = pair;
    // An hour over its life covers any clock that was allowed for when it was accepted.
    const untilMs = pair.expiresAtSeconds * 1000 + 3_600_000;
    const distrusted = this.#blocked.logBlocked(logOrigin);
    const remembered = this.#blocked.block(tokenHash, logOrigin, untilMs, alarm.atMs);
    this.#options.reporter?.report({
      atMs: alarm.atMs,
      decision: 'audit_failed',
      code: pair.subject === 'key' ? 'key_unlogged' : 'receipt_audit_failed',
      tokenHash,
      issuer: pair.issuer,
      kid: pair.kid,
      logIndex: pair.index,
      leafHash: encodeHex(pair.leafHash),
      ...(pair.token === undefined ? {} : { evidence: pair.token }),
    });
    this.#alarm(alarm);
    if (remembered || distrusted) return;
    this.#alarm({
      kind: 'log_distrusted',
      logOrigin,
      atMs: alarm.atMs,
      message: 'Too many receipts of this log were false; none of its tokens is accepted any more.',
    });
  }
}
