// The key numbers of journal entries, one run after the other for each key. Pure. In an honest journal
// each key has one run, which begins where its last one ended.

import type { NumberedItem } from '../classify/match-numbers.ts';

/** Key numbers `first` to `last`, one after the other in the journal. */
export interface KeyRun {
  kid: string;
  first: number;
  last: number;
}

/** Adds items of a journal, in its order, to the runs before them. */
export function addKeyRuns(runs: readonly KeyRun[], items: readonly NumberedItem[]): KeyRun[] {
  const all = [...runs];
  const open = new Map(all.map((run) => [run.kid, run]));
  for (const { kid = '', keyNumber = 0 } of items) {
    const run = open.get(kid);
    if (run !== undefined && keyNumber === run.last + 1) {
      run.last = keyNumber;
      continue;
    }
    const started = { kid, first: keyNumber, last: keyNumber };
    all.push(started);
    open.set(kid, started);
  }
  return all;
}

export interface Counted {
  /** One past the last number that was seen. */
  next: number;
  /** Numbers that the journal leaves out, as closed ranges. */
  leftOut: { first: number; last: number }[];
  /** Numbers that it gives a second time. */
  twice: { first: number; last: number }[];
}

/** Follows the runs of one key from the number that its next signature must have. */
export function countRuns(expected: number, runs: readonly KeyRun[]): Counted {
  const counted: Counted = { next: expected, leftOut: [], twice: [] };
  for (const { first, last } of runs) {
    if (first > counted.next) counted.leftOut.push({ first: counted.next, last: first - 1 });
    if (first < counted.next) {
      counted.twice.push({ first, last: Math.min(last, counted.next - 1) });
    }
    counted.next = Math.max(counted.next, last + 1);
  }
  return counted;
}
