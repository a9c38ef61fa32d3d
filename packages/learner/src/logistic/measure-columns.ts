// Mean and standard deviation of each column, of the cells that are known.

import { learnerRefusal } from '../learner-error.ts';
import type { Matrix } from '../matrix.ts';

export interface MeasuredColumn {
  mean: number;
  /** Standard deviation; 1 where all cells are the same, or none is known. */
  scale: number;
}

/** @throws CodedError `data_invalid` when a cell is infinite or too large to be squared */
export function measureColumns(x: Matrix, weights: Float64Array | undefined): MeasuredColumn[] {
  return Array.from({ length: x.columns }, (_, column) => {
    const sum = (of: (cell: number) => number): number => {
      let total = 0;
      for (let row = 0, at = column; row < x.rows; row += 1, at += x.columns) {
        const cell = x.data[at] as number;
        const weight = weights === undefined ? 1 : (weights[row] as number);
        if (!Number.isNaN(cell)) total += weight * of(cell);
      }
      return total;
    };
    const known = sum(() => 1);
    if (known === 0) return { mean: 0, scale: 1 };
    const mean = sum((cell) => cell) / known;
    const variance = sum((cell) => (cell - mean) ** 2) / known;
    if (!Number.isFinite(variance))
      throw learnerRefusal('data_invalid', 'A cell is a finite number below 1e150, or NaN.');
    const scale = Math.sqrt(variance);
    // What differs by rounding alone does not differ.
    return { mean, scale: scale > 1e-12 * Math.abs(mean) ? scale : 1 };
  });
}
