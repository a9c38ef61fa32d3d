// Gathers everything that asks in one turn of the loop into one group, in the order of asking.
// Bounded: what does not fit is told at once, not later.

import { refusal } from '../transparency-error.ts';
import { MAX_GROUP_ENTRIES } from '../wal/group-record.ts';

export interface Waiting<Item> {
  item: Item;
  resolve(receipt: Uint8Array): void;
  reject(error: unknown): void;
}

export class AppendQueue<Item> {
  readonly #limit: number;
  readonly #takeGroup: (group: Waiting<Item>[]) => void;
  #waiting: Waiting<Item>[] = [];
  #scheduled = false;

  /**
   * @param limit most entries waiting
   * @param takeGroup settles every member of a group of at most 4,096; never throws
   */
  constructor(limit: number, takeGroup: (group: Waiting<Item>[]) => void) {
    this.#limit = limit;
    this.#takeGroup = takeGroup;
  }

  /** @throws CodedError `busy` when `count` more do not fit */
  checkRoom(count: number): void {
    if (this.#waiting.length + count > this.#limit) {
      throw refusal('busy', 'The log has more to do than it may queue; try again.', {
        retryAfterSeconds: 1,
      });
    }
  }

  /** The caller has asked for room. */
  push(item: Item): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  /** Settles everything that still waits. */
  drain(): void {
    while (this.#waiting.length > 0) this.#takeNext();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#waiting.length > 0) this.#takeNext();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #takeNext(): void {
    this.#takeGroup(this.#waiting.splice(0, MAX_GROUP_ENTRIES));
  }
}
