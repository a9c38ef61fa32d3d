// Trains logistic regression.
import type { Matrix } from '../matrix.ts';
import type { Logistic } from './logistic.ts';

export interface LogisticOptions {
  /** Penalty on the squared weights of standardised columns, in rows; default 1. */
  l2?: number;
  /** How much each row counts; default 1. */
  weights?: Float64Array;
  /** By column: 1 the weight is never below 0, −1 never above, 0 free; default all free. */
  signs?: readonly (-1 | 0 | 1)[];
  /** Names of the columns; default f0, f1, … */
  features?: readonly string[];
  /** Most steps of Newton's method; default 50. */
  steps?: number;
}

export function trainLogistic(
  _x: Matrix,
  _y: Float64Array | Uint8Array,
  _options: LogisticOptions = {},
): Logistic {
  throw new Error('not built yet');
}
