// Gathers everything that asks in one turn of the loop into one group, in the order of asking.
// Bounded: what does not fit is told at once, not later.

import { refusal } from '../transparency-error.ts';
import { MAX_GROUP_ENTRIES } from '../wal/group-record.ts';

export interface Waiting {
  entry: Uint8Array;
  resolve(receipt: Uint8Array): void;
  reject(error: unknown): void;
}

export interface QueueOptions {
  /** Most entries waiting. */
  limit: number;
  /** How long the next group is to wait, in milliseconds; 0 for the next turn of the loop. */
  pauseMs(): number;
  /** How many of those that wait make the next group: 1 up to all of them. */
  groupSize(waiting: number): number;
  /** Settles every member of a group of at most 4,096; never throws. */
  takeGroup(group: Waiting[]): void;
}

export class AppendQueue {
  readonly #options: QueueOptions;
  #waiting: Waiting[] = [];
  /** How many the last group left behind. */
  #leftBehind = 0;
  #scheduled = false;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** @throws CodedError `busy` when `count` more do not fit */
  checkRoom(count: number): void {
    if (this.#waiting.length + count > this.#options.limit) {
      throw refusal('busy', 'The log has more to do than it may queue; try again.', {
        retryAfterSeconds: 1,
      });
    }
  }

  /** The caller has asked for room. */
  push(entry: Uint8Array): Promise<Uint8Array> {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    this.#waiting.push({ entry, resolve, reject });
    this.#schedule();
    return promise;
  }

  /** As `push`, for the entries of one request: one promise for all of them. */
  pushMany(entries: readonly Uint8Array[]): Promise<Uint8Array[]> {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array[]>();
    const receipts: Uint8Array[] = [];
    let failure: unknown;
    let settled = 0;
    // A request may span two groups, of which one may fail: what became of it is known after both.
    const settle = (): void => {
      settled += 1;
      if (settled < entries.length) return;
      // Entries are answered in their order.
      if (receipts.length === entries.length) resolve(receipts);
      else reject(receipts.length === 0 ? failure : partlyLogged(failure));
    };
    const collect = (receipt: Uint8Array): void => {
      receipts.push(receipt);
      settle();
    };
    const fail = (error: unknown): void => {
      failure ??= error;
      settle();
    };
    for (const entry of entries) this.#waiting.push({ entry, resolve: collect, reject: fail });
    if (entries.length === 0) resolve(receipts);
    this.#schedule();
    return promise;
  }

  /** Settles everything that still waits. */
  drain(): void {
    while (this.#waiting.length > 0) this.#takeNext();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const pauseMs = this.#options.pauseMs();
    if (pauseMs === 0) setImmediate(() => this.#turn());
    else setTimeout(() => this.#turn(), pauseMs);
  }

  #turn(): void {
    this.#scheduled = false;
    if (this.#waiting.length > 0) this.#takeNext();
    if (this.#waiting.length > 0) this.#schedule();
  }

  #takeNext(): void {
    const { groupSize, takeGroup } = this.#options;
    const most = Math.min(this.#waiting.length, MAX_GROUP_ENTRIES);
    // What was left behind once is not cut again unless others have joined it.
    const count = most === this.#leftBehind ? most : groupSize(most);
    this.#leftBehind = this.#waiting.length - count;
    takeGroup(this.#waiting.splice(0, count));
  }
}

/** Of the codes the one that says: it may be in the log. */
function partlyLogged(cause: unknown): Error {
  return refusal('log_stopped', 'Only a part of the request was logged; try again.', {
    cause,
    retryAfterSeconds: 1,
  });
}
