// Work that one of several servers does at a time: it holds a lease, a row with an end. Whoever takes
// it over gets the next epoch, and by that number the one before is told apart for ever, whatever
// either of them believes about the time.

import { type Clock, CodedError } from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import type { StorageCode } from '../storage-error.ts';
import type { Store } from '../store.ts';
import type { LeaseRow, LeaseTables } from './lease-table.ts';

export interface Lease {
  readonly epoch: number;
  /**
   * Holds it for as long again. False when somebody else has taken it: then nothing more may be done
   * under it. Also makes good an end that passed unnoticed, as long as nobody took it.
   */
  renew(): Promise<boolean>;
  /**
   * Whether it is held now, for what cannot be done in a transaction: asked right before each such
   * step, and what is done must stand being done twice.
   */
  holds(): Promise<boolean>;
  /** Inside a transaction of this store: what it writes is kept only if the lease was held. @throws CodedError `lease_lost` */
  fence<DB extends LeaseTables>(tx: Kysely<DB>): Promise<void>;
  /** Lets the next one have it at once. Does nothing when it was taken over. */
  release(): Promise<void>;
}

export interface LeaseRequest {
  /** What is done under it, for example `key-rotator`. */
  name: string;
  /**
   * Who holds it: one run of one process, or what only one run at a time can be (a folder it has locked).
   * The same name takes over from itself at once, under a new epoch.
   */
  holder: string;
  /** For how long without renewal. */
  forMs: number;
}

type LeaseStore = Pick<Store<LeaseTables>, 'read' | 'transaction'>;

/**
 * Takes a lease that nobody holds, or whose end has passed. Undefined while somebody else holds it.
 * @param steadyMs time that only moves forward and never jumps: own deadlines are measured by it
 * @throws CodedError StorageCode
 */
export async function takeLease(
  store: LeaseStore,
  clock: Clock,
  request: LeaseRequest,
  steadyMs: () => number = () => performance.now(),
): Promise<Lease | undefined> {
  const { name, holder, forMs } = request;
  // Measured from before the row is written: then an own deadline is never later than the row's.
  const startedMs = steadyMs();
  const epoch = await store.transaction(async (tx) => {
    const nowMs = clock.nowMs();
    const before = await tx
      .selectFrom('lease')
      .selectAll()
      .where('name', '=', name)
      .executeTakeFirst();
    if (before !== undefined && before.holder !== holder && isHeld(before, nowMs)) return undefined;
    const row: LeaseRow = {
      ...{ name, holder, epoch: (before?.epoch ?? 0) + 1 },
      ...{ taken_ms: nowMs, renewed_ms: nowMs, until_ms: nowMs + forMs, for_ms: forMs },
    };
    await tx
      .insertInto('lease')
      .values(row)
      .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
      .execute();
    return row.epoch;
  });
  if (epoch === undefined) return undefined;
  return new HeldLease(store, clock, { ...request, epoch }, steadyMs, startedMs);
}

/** The lease as its row has it, whoever holds it. */
export function readLease(store: LeaseStore, name: string): Promise<LeaseRow | undefined> {
  return store.read.selectFrom('lease').selectAll().where('name', '=', name).executeTakeFirst();
}

/**
 * An end that lies further ahead than the lease was taken for comes from a clock that went back
 * since: it would be held for as long as the clock needs to catch up, by somebody long gone.
 */
function isHeld({ until_ms, for_ms }: LeaseRow, nowMs: number): boolean {
  return nowMs < until_ms && until_ms - nowMs <= for_ms;
}

class HeldLease implements Lease {
  readonly epoch: number;
  readonly #store: LeaseStore;
  readonly #clock: Clock;
  readonly #held: LeaseRequest & { epoch: number };
  readonly #steadyMs: () => number;
  #renewedMs: number;

  constructor(
    store: LeaseStore,
    clock: Clock,
    held: LeaseRequest & { epoch: number },
    steadyMs: () => number,
    startedMs: number,
  ) {
    this.epoch = held.epoch;
    this.#store = store;
    this.#clock = clock;
    this.#held = held;
    this.#steadyMs = steadyMs;
    this.#renewedMs = startedMs;
  }

  async renew(): Promise<boolean> {
    const startedMs = this.#steadyMs();
    const renewed = await this.#store.transaction(async (tx) => {
      const nowMs = this.#clock.nowMs();
      const { forMs } = this.#held;
      const { numUpdatedRows } = await this.#own(
        tx.updateTable('lease').set({ renewed_ms: nowMs, until_ms: nowMs + forMs, for_ms: forMs }),
      )
        .where('until_ms', '>', 0)
        .executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    });
    if (renewed) this.#renewedMs = startedMs;
    return renewed;
  }

  async holds(): Promise<boolean> {
    if (this.#steadyMs() - this.#renewedMs >= this.#held.forMs) return false;
    return this.#isOurs(this.#store.read);
  }

  async fence<DB extends LeaseTables>(tx: Kysely<DB>): Promise<void> {
    if (await this.#isOurs(tx as unknown as Kysely<LeaseTables>)) return;
    throw new CodedError<StorageCode>('lease_lost', 'Another server has taken over.', {
      retryAfterSeconds: 1,
    });
  }

  async release(): Promise<void> {
    // The row stays: its epoch must go on growing.
    await this.#store.transaction(async (tx) => {
      await this.#own(tx.updateTable('lease').set({ until_ms: 0 })).execute();
    });
  }

  async #isOurs(db: Kysely<LeaseTables>): Promise<boolean> {
    const row = await db
      .selectFrom('lease')
      .select(['holder', 'epoch', 'until_ms'])
      .where('name', '=', this.#held.name)
      .executeTakeFirst();
    if (row === undefined || row.until_ms === 0) return false;
    return row.holder === this.#held.holder && row.epoch === this.epoch;
  }

  #own<
    Query extends { where(column: 'name' | 'holder' | 'epoch', op: '=', value: unknown): Query },
  >(query: Query): Query {
    const { name, holder, epoch } = this.#held;
    return query.where('name', '=', name).where('holder', '=', holder).where('epoch', '=', epoch);
  }
}
