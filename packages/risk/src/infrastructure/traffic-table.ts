// A bounded table of traffic entries. A key that came once or twice makes room before one that keeps
// coming: a flood of fresh addresses pushes out itself, not the address that attacks, nor the office.

import { type TrafficCount, TrafficEntry, USUAL, WINDOWS } from './traffic-entry.ts';

/** Acts from which on a key is no newcomer. */
const SETTLED_ACTS = 3;
/** Of the settled, so many of the longest silent are compared, and the one with least traffic goes. */
const COMPARED = 8;
const NEWCOMERS = 0.25;
const DAY = WINDOWS.indexOf(86_400);

const count: TrafficCount = { attempts: 0, failures: 0, unknown: 0, users: 0 };

export class TrafficTable {
  readonly most: number;
  /** Longest silent first. */
  readonly newcomers = new Map<number, TrafficEntry>();
  readonly settled = new Map<number, TrafficEntry>();
  /** Kept from drop to drop: looking for the first key anew would walk over all that were dropped. */
  #silent = this.newcomers.keys();

  constructor(most: number) {
    this.most = most;
  }

  get size(): number {
    return this.newcomers.size + this.settled.size;
  }

  get(key: number): TrafficEntry | undefined {
    return this.settled.get(key) ?? this.newcomers.get(key);
  }

  /** For writing: moves the key to the end of its queue. */
  touch(key: number, second: number): TrafficEntry {
    const known = this.settled.get(key);
    if (known) {
      this.settled.delete(key);
      this.settled.set(key, known);
      return known;
    }
    const entry = this.newcomers.get(key) ?? new TrafficEntry();
    this.newcomers.delete(key);
    entry.read(DAY, second, count, false);
    if (count.attempts + 1 >= SETTLED_ACTS) {
      this.settled.set(key, entry);
      if (this.settled.size > this.most * (1 - NEWCOMERS)) this.#dropSettled(key, second);
    } else {
      this.newcomers.set(key, entry);
      if (this.newcomers.size > this.most * NEWCOMERS) this.#dropNewcomer();
    }
    return entry;
  }

  #dropNewcomer(): void {
    let next = this.#silent.next();
    if (next.done) {
      this.#silent = this.newcomers.keys();
      next = this.#silent.next();
    }
    if (!next.done) this.newcomers.delete(next.value);
  }

  #dropSettled(spared: number, second: number): void {
    let [least, weight, left] = [spared, Number.POSITIVE_INFINITY, COMPARED];
    for (const [key, entry] of this.settled) {
      if (left-- === 0) break;
      if (key === spared) continue;
      entry.read(DAY, second, count, false);
      const today = count.attempts + 4 * count.failures;
      entry.read(USUAL, second, count, false);
      const acts = today + count.attempts;
      if (acts < weight) [least, weight] = [key, acts];
    }
    this.settled.delete(least);
  }
}
