// How odd legitimate acts look that a head was not trained on: a raw score becomes the share of them that
// is at least as odd. Per bucket of history, so that the promise holds for the new as for the old.

import { DEPTH_BUCKETS } from '../assess/risk-engine.ts';
import type { TrainingTails } from '../model/risk-model.ts';

/** Points kept per bucket: 16 for each factor of ten from everybody down to one in 100,000. */
const POINTS_PER_DECADE = 16;
const DECADES = 5;

/**
 * @param raw Raw scores of legitimate acts.
 * @param bucket Of each, its bucket of history.
 */
export function measureTails(raw: Float64Array, bucket: Uint8Array): TrainingTails {
  const tables = DEPTH_BUCKETS.map((_, wanted) =>
    summarise(raw.filter((_score, row) => bucket[row] === wanted).sort()),
  );
  return { raw: tables.map((table) => table.raw), tail: tables.map((table) => table.tail) };
}

function summarise(sorted: Float64Array): { raw: Float64Array; tail: Float64Array } {
  const { length } = sorted;
  const [raw, tail]: [number[], number[]] = [[], []];
  for (let point = 0; point <= POINTS_PER_DECADE * DECADES; point++) {
    const wanted = 10 ** (-point / POINTS_PER_DECADE);
    const at = length - Math.max(1, Math.round(wanted * length));
    if (length === 0 || (raw.length > 0 && sorted[at]! <= raw.at(-1)!)) continue;
    raw.push(sorted[at]!);
    tail.push(midRankTail(sorted, sorted[at]!));
    if (at === length - 1) break;
  }
  return { raw: Float64Array.from(raw), tail: Float64Array.from(tail) };
}

/** Share of the sorted scores that are greater, and half of those that are equal. */
export function midRankTail(sorted: Float64Array, score: number): number {
  const below = countBelow(sorted, score, false);
  const upTo = countBelow(sorted, score, true);
  return (sorted.length - upTo + (upTo - below) / 2) / sorted.length;
}

function countBelow(sorted: Float64Array, score: number, orEqual: boolean): number {
  let from = 0;
  for (let to = sorted.length; from < to; ) {
    const middle = (from + to) >> 1;
    const isBelow = orEqual ? sorted[middle]! <= score : sorted[middle]! < score;
    if (isBelow) from = middle + 1;
    else to = middle;
  }
  return from;
}
