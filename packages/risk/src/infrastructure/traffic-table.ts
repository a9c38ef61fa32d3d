// A bounded table of traffic entries. A key that came once or twice makes room before one that keeps
// coming: a flood of fresh addresses pushes out itself, not the address that attacks, nor the office.

import { TrafficEntry, WINDOWS } from './traffic-entry.ts';

/** Acts from which on a key is no newcomer. */
const SETTLED_ACTS = 3;
/** Of the settled, so many of the longest silent are compared, and the one with least traffic goes. */
const COMPARED = 8;
const NEWCOMERS = 0.25;
const DAY = WINDOWS.indexOf(86_400);

export class TrafficTable {
  readonly most: number;
  /** Longest silent first. */
  readonly newcomers = new Map<number, TrafficEntry>();
  readonly settled = new Map<number, TrafficEntry>();

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
  touch(key: number): TrafficEntry {
    const known = this.settled.get(key);
    if (known) {
      this.settled.delete(key);
      this.settled.set(key, known);
      return known;
    }
    const entry = this.newcomers.get(key) ?? new TrafficEntry();
    this.newcomers.delete(key);
    if (entry.counts[DAY * 6]! + entry.counts[DAY * 6 + 3]! + 1 >= SETTLED_ACTS) {
      this.settled.set(key, entry);
      if (this.settled.size > this.most * (1 - NEWCOMERS)) this.#dropSettled(key);
    } else {
      this.newcomers.set(key, entry);
      if (this.newcomers.size > this.most * NEWCOMERS) this.#dropNewcomer();
    }
    return entry;
  }

  #dropNewcomer(): void {
    for (const key of this.newcomers.keys()) {
      this.newcomers.delete(key);
      return;
    }
  }

  #dropSettled(spared: number): void {
    let [least, weight, left] = [spared, Number.POSITIVE_INFINITY, COMPARED];
    for (const [key, { counts }] of this.settled) {
      if (left-- === 0) break;
      if (key === spared) continue;
      let acts = 0;
      for (let at = DAY * 6; at < counts.length; at += 3) acts += counts[at]! + 4 * counts[at + 1]!;
      if (acts < weight) [least, weight] = [key, acts];
    }
    this.settled.delete(least);
  }
}
