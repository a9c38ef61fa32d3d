// A matrix as bins: one byte a cell, column after column, which is how histograms are filled.

import { learnerRefusal } from '../learner-error.ts';
import type { Matrix } from '../matrix.ts';
import { findBounds } from './find-bounds.ts';

export interface BinnedColumn {
  /** Upper ends of all bins but the last. */
  readonly bounds: Float64Array;
  /** By row: its bin; `missing` where the cell is not known. */
  readonly bins: Uint8Array;
  /** The bin behind the last one: of cells that are not known. */
  readonly missing: number;
}

/** @throws CodedError `data_invalid` when a cell is infinite */
export function binColumns(x: Matrix, most: number): BinnedColumn[] {
  const cells = new Float64Array(x.rows);
  return Array.from({ length: x.columns }, (_, column) => {
    copyColumn(x, column, cells);
    // A typed array sorts NaN behind everything else.
    const sorted = cells.slice().sort();
    let known = sorted.length;
    while (known > 0 && Number.isNaN(sorted[known - 1])) known -= 1;
    if (known > 0 && !(Number.isFinite(sorted[0]) && Number.isFinite(sorted[known - 1])))
      throw learnerRefusal('data_invalid', 'A cell is a finite number, or NaN for not known.');
    const bounds = findBounds(sorted.subarray(0, known), most);
    return { bounds, bins: binCells(cells, bounds), missing: bounds.length + 1 };
  });
}

/** Other rows, in bins that were found before: for validation. */
export function binLike(x: Matrix, like: readonly BinnedColumn[]): BinnedColumn[] {
  const cells = new Float64Array(x.rows);
  return like.map(({ bounds, missing }, column) => {
    copyColumn(x, column, cells);
    return { bounds, missing, bins: binCells(cells, bounds) };
  });
}

function copyColumn({ rows, columns, data }: Matrix, column: number, into: Float64Array): void {
  for (let row = 0, at = column; row < rows; row += 1, at += columns)
    into[row] = data[at] as number;
}

function binCells(cells: Float64Array, bounds: Float64Array): Uint8Array {
  const bins = new Uint8Array(cells.length);
  for (let row = 0; row < cells.length; row += 1) {
    const cell = cells[row] as number;
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (cell <= (bounds[middle] as number)) high = middle;
      else low = middle + 1;
    }
    bins[row] = Number.isNaN(cell) ? bounds.length + 1 : low;
  }
  return bins;
}
