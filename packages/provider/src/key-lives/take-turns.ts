// The rotator: takes the lease of all servers, finds out which issuers have something to do, and has
// them settled; a bounded number a turn, those that wait longest first.

import type { PublicKeyRecord } from '@countersign/keys';
import { type Lease, readLease, takeLease } from '@countersign/storage';
import { isCodedError } from '@countersign/vocabulary';
import { DueIssuers, nextLookMs } from './due-issuers.ts';
import { endedLately } from './ended-lately.ts';
import type { RotatorHeartbeat } from './key-lives.ts';
import type { KeyLivesLimits, KeyLivesOptions } from './key-lives-options.ts';
import type { Settled } from './settle-issuer.ts';

const LEASE = 'key-rotator';

export interface TurnParts {
  options: KeyLivesOptions;
  limits: KeyLivesLimits;
  holder: string;
  jumpedMs(): Promise<number | undefined>;
  /** Undefined for an issuer that is none of ours. */
  settle(issuer: string): Promise<Settled | undefined>;
  onDead(issuer: string, kid: string): void;
}

export class TakeTurns {
  readonly #parts: TurnParts;
  readonly #due = new DueIssuers();
  readonly #seenDead = new Set<string>();
  #keys: PublicKeyRecord[] = [];
  #keyCount = -1;
  #readAllMs = Number.NEGATIVE_INFINITY;
  #lease: Lease | undefined;
  #renewedMs = Number.NEGATIVE_INFINITY;
  #jumpedMs: number | undefined;
  #turn: Promise<void> | undefined;
  #heartbeat: RotatorHeartbeat = { lastTickMs: 0, nextTickMs: 0, mine: false };

  constructor(parts: TurnParts) {
    this.#parts = parts;
  }

  heartbeat(): RotatorHeartbeat {
    return { ...this.#heartbeat };
  }

  /** Looks at this issuer in the next turn. */
  nudge(issuer: string): void {
    this.#due.now(issuer);
  }

  settled(issuer: string, { keys, plan, failures }: Settled): void {
    const { options, limits } = this.#parts;
    const nowMs = options.clock.nowMs();
    const soonMs = nowMs + limits.tickEveryMs;
    const dueMs = failures.length > 0 ? soonMs : nextLookMs(plan, nowMs, limits.lookAgainMs);
    this.#due.settled(issuer, keys, dueMs);
  }

  /** As of the last turn; read now when there was none. */
  async allKeys(): Promise<readonly PublicKeyRecord[]> {
    if (this.#keyCount < 0) {
      const { keys } = await this.#parts.options.signer.status();
      await this.#readAll(keys);
    }
    return this.#keys;
  }

  take(): Promise<void> {
    this.#turn ??= this.#take().finally(() => {
      this.#turn = undefined;
    });
    return this.#turn;
  }

  async #take(): Promise<void> {
    const failures: unknown[] = [];
    try {
      // Also where another server takes the turns: what is dead must not be shown here either.
      await this.readDead();
      if (!(await this.#holdLease())) return;
      await this.#settleDue(failures);
    } catch (error) {
      failures.push(error);
    }
    const { options, limits } = this.#parts;
    const lastTickMs = options.clock.nowMs();
    const nextTickMs = lastTickMs + limits.tickEveryMs;
    const failed = failures.length === 0 ? {} : { failed: oneLine(failures[0]) };
    this.#heartbeat = { lastTickMs, nextTickMs, mine: this.#lease !== undefined, ...failed };
    if (failures.length > 0) throw failures[0];
  }

  async #settleDue(failures: unknown[]): Promise<void> {
    const { options, limits, jumpedMs, settle } = this.#parts;
    const clockJumpedMs = await jumpedMs();
    if (clockJumpedMs !== this.#jumpedMs) this.#due.allNow();
    this.#jumpedMs = clockJumpedMs;
    await this.#readAllWhenDue();
    const startedMs = performance.now();
    const due = this.#due.due(options.clock.nowMs(), limits.mostIssuersPerTick);
    for (const issuer of due) {
      if (performance.now() - startedMs > limits.longestTickMs) return;
      if (!(await this.#holdLease())) return;
      try {
        const settled = await settle(issuer);
        if (settled === undefined) this.#due.later(issuer, Number.POSITIVE_INFINITY);
        else failures.push(...settled.failures);
      } catch (error) {
        this.#due.later(issuer, options.clock.nowMs() + limits.tickEveryMs);
        // Somebody else is at it.
        if (!isCodedError(error) || error.code !== 'keys_busy') failures.push(error);
      }
    }
  }

  /** The list of thousands of keys is read when their number changed, and now and then. */
  async #readAllWhenDue(): Promise<void> {
    const { options, limits } = this.#parts;
    const { keys } = await options.signer.status();
    const isFresh = performance.now() - this.#readAllMs < limits.readAllEveryMs;
    if (keys !== this.#keyCount || !isFresh) await this.#readAll(keys);
  }

  /** Without those that ended long ago, which are most of them. @param count of all */
  async #readAll(count: number): Promise<void> {
    const { signer, clock } = this.#parts.options;
    this.#keys = await signer.listKeys(undefined, endedLately(clock));
    this.#keyCount = count;
    this.#readAllMs = performance.now();
    this.#due.takeOver(this.#keys);
  }

  /** Which keys nobody may accept, as the ledger has it: no signer is asked. */
  async readDead(): Promise<void> {
    for (const { issuer, kid } of await this.#parts.options.audit.listQuarantined()) {
      const name = `${issuer} ${kid}`;
      if (this.#seenDead.has(name)) continue;
      this.#seenDead.add(name);
      this.#parts.onDead(issuer, kid);
      this.#due.now(issuer);
    }
  }

  async #stillHolds(lease: Lease, nowMs: number): Promise<boolean> {
    if (nowMs - this.#renewedMs < this.#parts.limits.rotatorLeaseMs / 3) return lease.holds();
    if (!(await lease.renew())) return false;
    this.#renewedMs = nowMs;
    return true;
  }

  async #holdLease(): Promise<boolean> {
    const { options, limits, holder } = this.#parts;
    const nowMs = performance.now();
    if (this.#lease !== undefined && (await this.#stillHolds(this.#lease, nowMs))) return true;
    const request = { name: LEASE, holder, forMs: limits.rotatorLeaseMs };
    this.#lease = await takeLease(options.store, options.clock, request);
    this.#renewedMs = nowMs;
    if (this.#lease !== undefined) return true;
    // Another server takes the turns: what is known of its last is when it renewed.
    const row = await readLease(options.store, LEASE);
    const lastTickMs = row?.renewed_ms ?? 0;
    this.#heartbeat = {
      lastTickMs,
      nextTickMs: lastTickMs + limits.rotatorLeaseMs / 3,
      mine: false,
    };
    return false;
  }
}

function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s+/g, ' ').slice(0, 200);
}
