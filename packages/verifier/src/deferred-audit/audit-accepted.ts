// The deferred audit: a receipt is a promise, and every accepted one is called in within seconds.
// Finds what no single check can: an attacker who holds the issuer's and the log's receipt key.

import { encodeHex } from '../bytes/hex.ts';
import { FormatError } from '../format-error.ts';
import { urlObjection } from '../http/allow-url.ts';
import { parseVerifierKey } from '../note/verifier-key.ts';
import { parseTlogPolicy } from '../policy/tlog-policy.ts';
import type { AuditPair, DeferredAuditor, InclusionVerdict } from '../ports.ts';
import { VerificationError } from '../refusal.ts';
import { type AuditAlarm, lagAlarm } from './audit-alarm.ts';
import { LogAudit } from './audit-log.ts';
import type { AuditedLog, DeferredAuditorOptions } from './auditor-options.ts';
import { BlockedTokens } from './block-tokens.ts';
import { InclusionWaiters } from './inclusion-waiters.ts';

/** A deferred auditor whose rounds can also be driven by hand, where timers do not run. */
export interface RunningAuditor extends DeferredAuditor {
  awaitInclusion(pair: AuditPair, timeoutMs: number): Promise<InclusionVerdict>;
  /** One round over all logs with waiting tokens; never rejects. */
  audit(): Promise<void>;
  close(): Promise<void>;
}

const MAX_WAITING = 65_536;

interface Auditing {
  log: LogAudit;
  lagging: boolean;
  unwitnessed: boolean;
  /** Set while a round is under way. */
  round: Promise<void> | undefined;
}

/** @throws VerificationError `verifier_misconfigured`; FormatError `vkey_malformed`, `tlog_policy_malformed` */
export function createDeferredAuditor(options: DeferredAuditorOptions): RunningAuditor {
  return new TimedAuditor(options);
}

class TimedAuditor implements RunningAuditor {
  readonly #options: DeferredAuditorOptions;
  readonly #logs = new Map<string, Auditing>();
  readonly #blocked: BlockedTokens;
  readonly #closing = new AbortController();
  readonly #waiters = new InclusionWaiters();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #roundMs = Number.NEGATIVE_INFINITY;

  constructor(options: DeferredAuditorOptions) {
    this.#options = options;
    this.#blocked = new BlockedTokens(options.maxBlocked ?? 1_024);
    for (const place of options.logs) {
      this.#logs.set(place.origin, {
        log: this.#open(place),
        lagging: false,
        unwitnessed: false,
        round: undefined,
      });
    }
  }

  enqueue(pair: AuditPair): boolean {
    const auditing = this.#roomFor(pair);
    if (auditing === undefined) return false;
    this.#watchLag(pair.logOrigin, auditing);
    if (auditing.lagging && this.#options.whenLagging === 'refuse') return false;
    auditing.log.add(pair);
    this.#schedule();
    return true;
  }

  awaitInclusion(pair: AuditPair, timeoutMs: number): Promise<InclusionVerdict> {
    if (this.#blocked.has(pair.tokenHash, pair.logOrigin)) return Promise.resolve('failed');
    const auditing = this.#roomFor(pair);
    if (auditing === undefined) return Promise.resolve('unavailable');
    auditing.log.add(pair);
    if (this.#waiters.size === 0) {
      // The timer, if any, is one for those that can wait longer.
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    const verdict = this.#waiters.wait(pair, timeoutMs);
    this.#schedule();
    return verdict;
  }

  blocked(tokenHash: string, logOrigin: string): boolean {
    return this.#blocked.has(tokenHash, logOrigin);
  }

  auditLagMs(nowMs: number): number {
    return Math.max(0, ...[...this.#logs.values()].map(({ log }) => log.lagMs(nowMs)));
  }

  async audit(): Promise<void> {
    this.#roundMs = this.#options.clock.nowMs();
    const due = [...this.#logs].filter(([origin, auditing]) => this.#needsAudit(origin, auditing));
    // Side by side: a log that does not answer must not keep the others waiting.
    await Promise.all(
      due.map(([origin, auditing]) => {
        auditing.round ??= this.#auditOne(origin, auditing).finally(() => {
          auditing.round = undefined;
          this.#schedule();
        });
        return auditing.round;
      }),
    );
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    this.#waiters.settleAll('unavailable');
    await Promise.all([...this.#logs.values()].map(({ round }) => round));
  }

  /** The pair's log, unless that is unknown, blocked or full. */
  #roomFor({ logOrigin }: AuditPair): Auditing | undefined {
    const auditing = this.#logs.get(logOrigin);
    if (auditing === undefined || this.#closing.signal.aborted) return undefined;
    if (this.#blocked.logBlocked(logOrigin)) return undefined;
    return auditing.log.waiting < (this.#options.maxWaiting ?? MAX_WAITING) ? auditing : undefined;
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
      witnesses: place.witnesses === undefined ? undefined : parseTlogPolicy(place.witnesses),
      fetch: options.fetch ?? ((url, init) => fetch(url, init)),
      clock: options.clock,
      signal: this.#closing.signal,
      timeoutMs: options.timeoutMs ?? 3_000,
      maxTiles: options.maxTiles ?? 256,
      graceMs: options.graceMs ?? 5_000,
      crowdedAt: Math.ceil((options.maxWaiting ?? MAX_WAITING) / 2),
      maxTokenCharacters: options.maxTokenCharacters ?? 16 * 1024 * 1024,
      onIncluded: ({ tokenHash }) => this.#waiters.settle(tokenHash, 'included'),
      onFailure: (pair, alarm) => this.#fail(pair, alarm),
      onFork: (alarm) => {
        this.#blocked.blockLog(alarm.logOrigin);
        this.#waiters.settleAll('failed', alarm.logOrigin);
        this.#alarm(alarm);
      },
    });
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#closing.signal.aborted) return;
    const isIdle = ([origin, auditing]: [string, Auditing]) =>
      auditing.round !== undefined || !this.#needsAudit(origin, auditing);
    if ([...this.#logs].every(isIdle)) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.audit();
    }, this.#untilNextRoundMs());
    // An audit does not keep a process alive that has nothing else to do.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  /** Whoever waits for a leaf is served at once, and then as often as `eagerPollMs` allows. */
  #untilNextRoundMs(): number {
    if (this.#waiters.size === 0) return this.#options.pollMs ?? 1_000;
    const eagerPollMs = this.#options.eagerPollMs ?? 250;
    const sinceMs = this.#options.clock.nowMs() - this.#roundMs;
    return Math.min(eagerPollMs, Math.max(0, eagerPollMs - sinceMs));
  }

  /** A blocked log has nothing left to prove: all its tokens are refused. */
  #needsAudit(origin: string, { log }: Auditing): boolean {
    return log.pending && !this.#blocked.logBlocked(origin);
  }

  async #auditOne(origin: string, auditing: Auditing): Promise<void> {
    try {
      await auditing.log.round();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unexpected';
      const message = error instanceof Error ? error.message : 'Unknown failure.';
      this.#options.onProblem?.(origin, code, message);
    }
    this.#watchLag(origin, auditing);
    this.#watchWitnesses(origin, auditing);
  }

  #watchLag(logOrigin: string, auditing: Auditing): void {
    const atMs = this.#options.clock.nowMs();
    const lagging = auditing.log.lagMs(atMs) > (this.#options.maxLagMs ?? 30_000);
    if (lagging === auditing.lagging) return;
    auditing.lagging = lagging;
    this.#alarm(lagAlarm(lagging ? 'audit_lagging' : 'audit_recovered', logOrigin, atMs));
  }

  #watchWitnesses(logOrigin: string, auditing: Auditing): void {
    const atMs = this.#options.clock.nowMs();
    const mostMs = this.#options.maxUnwitnessedMs ?? 60_000;
    const unwitnessed = auditing.log.unwitnessedMs(atMs) > mostMs;
    if (unwitnessed === auditing.unwitnessed) return;
    auditing.unwitnessed = unwitnessed;
    const kind = unwitnessed ? 'witnesses_lagging' : 'witnesses_recovered';
    this.#alarm(lagAlarm(kind, logOrigin, atMs));
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
      logOrigin,
      leafHash: encodeHex(pair.leafHash),
      ...(pair.token === undefined ? {} : { evidence: pair.token }),
    });
    this.#waiters.settle(tokenHash, 'failed');
    this.#alarm(alarm);
    if (remembered || distrusted) return;
    this.#waiters.settleAll('failed', logOrigin);
    this.#alarm({
      kind: 'log_distrusted',
      logOrigin,
      atMs: alarm.atMs,
      message: 'Too many receipts of this log were false; none of its tokens is accepted any more.',
    });
  }
}
