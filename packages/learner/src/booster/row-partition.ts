// Which rows are in which leaf: one list of rows, each leaf a stretch of it. A split sorts a stretch
// into left and right and keeps the order on both sides, so that columns are read from front to back.

import type { BinnedColumn } from './bin-columns.ts';

export class RowPartition {
  #rows: Uint32Array = new Uint32Array(0);
  #aside: Uint32Array = new Uint32Array(0);
  readonly #ends: number[] = [];
  readonly #begins: number[] = [];

  /** All of these rows in leaf 0. They are sorted in place. */
  begin(rows: Uint32Array): void {
    this.#rows = rows;
    if (this.#aside.length < rows.length) this.#aside = new Uint32Array(rows.length);
    this.#begins.length = 0;
    this.#ends.length = 0;
    this.#begins.push(0);
    this.#ends.push(rows.length);
  }

  /** Rows of a leaf, rising; a view that the next split of it changes. */
  rowsOf(leaf: number): Uint32Array {
    return this.#rows.subarray(this.#begins[leaf], this.#ends[leaf]);
  }

  /** What goes left stays in `leaf`, the rest becomes a leaf with the next number. */
  split(leaf: number, { bins, missing }: BinnedColumn, bin: number, missingLeft: boolean): void {
    const rows = this.#rows;
    const aside = this.#aside;
    const end = this.#ends[leaf] as number;
    let left = this.#begins[leaf] as number;
    let right = 0;
    for (let index = left; index < end; index += 1) {
      const row = rows[index] as number;
      const here = bins[row] as number;
      if (here === missing ? missingLeft : here <= bin) {
        rows[left] = row;
        left += 1;
      } else {
        aside[right] = row;
        right += 1;
      }
    }
    rows.set(aside.subarray(0, right), left);
    this.#ends[leaf] = left;
    this.#begins.push(left);
    this.#ends.push(end);
  }

  /** Adds each leaf's value to the scores of its rows. */
  addTo(scores: Float64Array, values: readonly number[]): void {
    values.forEach((value, leaf) => {
      for (const row of this.rowsOf(leaf)) scores[row] = (scores[row] as number) + value;
    });
  }
}

/** 0, 1, 2, … */
export function allRows(count: number): Uint32Array {
  const rows = new Uint32Array(count);
  for (let row = 0; row < count; row += 1) rows[row] = row;
  return rows;
}
