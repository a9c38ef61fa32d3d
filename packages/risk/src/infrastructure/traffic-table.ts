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
  #silent = this.newcomers.entries();
  /** The entry of the last newcomer that made room: the next one gets it. */
  #spare: TrafficEntry | undefined;

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
    const newcomer = this.newcomers.get(key);
    if (newcomer) this.newcomers.delete(key);
    const entry = newcomer ?? this.#make();
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

  #make(): TrafficEntry {
    const spare = this.#spare?.clear();
    this.#spare = undefined;
    return spare ?? new TrafficEntry();
  }

  #dropNewcomer(): void {
    let next = this.#silent.next();
    if (next.done) {
      this.#silent = this.newcomers.entries();
      next = this.#silent.next();
    }
    if (next.done) return;
    const [key, entry] = next.value;
    this.newcomers.delete(key);
    this.#spare = entry;
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
