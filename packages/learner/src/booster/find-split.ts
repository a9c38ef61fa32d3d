// The best cut of a leaf in two. What a leaf says is held inside bounds that its ancestors set: below
// a split of a rising column all leaves on the left stay under the middle and all on the right above
// it, so that the tree as a whole rises with the column, not only each split by itself.

import type { BinnedColumn } from './bin-columns.ts';
import { BIN_ROOM, type Histogram } from './histogram.ts';

/** What a leaf may say, before the learning rate. */
export interface LeafBounds {
  readonly low: number;
  readonly high: number;
}

/** Sums over the rows of a leaf: derivatives as scaled whole numbers. */
export interface LeafSums {
  readonly slope: number;
  readonly curve: number;
  readonly rows: number;
}

export interface Split {
  column: number;
  /** Cells of this bin and those before it go left. */
  bin: number;
  missingLeft: boolean;
  gain: number;
  left: LeafSums;
  right: LeafSums;
  leftValue: number;
  rightValue: number;
}

export interface SplitRules {
  minLeafRows: number;
  /** Already times the scale of the derivatives. */
  l2: number;
  /** Least gain, likewise: what is below is rounding. */
  minGain: number;
  monotone: readonly number[];
}

/** Newton's step, inside the bounds. */
export function leafValue(
  slope: number,
  curve: number,
  l2: number,
  { low, high }: LeafBounds,
): number {
  const pull = curve + l2;
  const value = pull > 0 ? -slope / pull : 0;
  return Math.min(Math.max(value, low), high);
}

/** By how much the loss falls, to second order and twice, when a leaf says `value`. */
export function leafGain(slope: number, curve: number, l2: number, value: number): number {
  return -(2 * slope * value + (curve + l2) * value * value);
}

/**
 * The split of most gain; of equal ones that of the first column, then the lowest bin, then with what
 * is missing on the right.
 */
export function findSplit(
  histogram: Histogram,
  columns: readonly BinnedColumn[],
  used: Uint8Array,
  sums: LeafSums,
  bounds: LeafBounds,
  rules: SplitRules,
): Split | undefined {
  const value = leafValue(sums.slope, sums.curve, rules.l2, bounds);
  const floor = leafGain(sums.slope, sums.curve, rules.l2, value) + rules.minGain;
  const search = new SplitSearch(sums, bounds, rules, floor);
  columns.forEach(({ missing }, column) => {
    if (used[column] === 1) search.scan(histogram, column, missing);
  });
  return search.best;
}

class SplitSearch {
  best: Split | undefined;
  readonly #sums: LeafSums;
  readonly #bounds: LeafBounds;
  readonly #rules: SplitRules;
  readonly #floor: number;
  #most: number;

  constructor(sums: LeafSums, bounds: LeafBounds, rules: SplitRules, floor: number) {
    this.#sums = sums;
    this.#bounds = bounds;
    this.#rules = rules;
    this.#floor = floor;
    this.#most = floor;
  }

  scan({ sums, counts }: Histogram, column: number, missing: number): void {
    const start = BIN_ROOM * column;
    const apart = start + missing;
    const unknownRows = counts[apart] as number;
    let slope = 0;
    let curve = 0;
    let rows = 0;
    // The last bin has nothing behind it, unless what is missing stands there.
    const end = unknownRows > 0 ? apart : apart - 1;
    for (let at = start; at < end; at += 1) {
      slope += sums[2 * at] as number;
      curve += sums[2 * at + 1] as number;
      rows += counts[at] as number;
      this.#offer(column, at - start, false, slope, curve, rows);
      if (unknownRows === 0) continue;
      const slopeToo = slope + (sums[2 * apart] as number);
      const curveToo = curve + (sums[2 * apart + 1] as number);
      this.#offer(column, at - start, true, slopeToo, curveToo, rows + unknownRows);
    }
  }

  #offer(
    column: number,
    bin: number,
    missingLeft: boolean,
    slope: number,
    curve: number,
    rows: number,
  ): void {
    const { l2, minLeafRows, monotone } = this.#rules;
    const rowsRight = this.#sums.rows - rows;
    if (rows < minLeafRows || rowsRight < minLeafRows) return;
    const slopeRight = this.#sums.slope - slope;
    const curveRight = this.#sums.curve - curve;
    const leftValue = leafValue(slope, curve, l2, this.#bounds);
    const rightValue = leafValue(slopeRight, curveRight, l2, this.#bounds);
    if ((monotone[column] as number) * (rightValue - leftValue) < 0) return;
    const gain =
      leafGain(slope, curve, l2, leftValue) + leafGain(slopeRight, curveRight, l2, rightValue);
    if (!(gain > this.#most)) return;
    this.#most = gain;
    this.best = {
      ...{ column, bin, missingLeft, leftValue, rightValue },
      gain: gain - this.#floor,
      left: { slope, curve, rows },
      right: { slope: slopeRight, curve: curveRight, rows: rowsRight },
    };
  }
}

/** The bounds of both children: what rises or falls with the column meets in the middle. */
export function boundChildren(
  { low, high }: LeafBounds,
  { leftValue, rightValue }: Split,
  direction: number,
): { left: LeafBounds; right: LeafBounds } {
  const middle = (leftValue + rightValue) / 2;
  if (direction > 0) return { left: { low, high: middle }, right: { low: middle, high } };
  if (direction < 0) return { left: { low: middle, high }, right: { low, high: middle } };
  return { left: { low, high }, right: { low, high } };
}
