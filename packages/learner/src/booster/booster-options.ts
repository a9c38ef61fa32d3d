// What a training of boosted trees is told, and what it tells while it runs.

import type { Matrix } from '../matrix.ts';

export interface BoosterOptions {
  /** Most trees; default 200. */
  trees?: number;
  /** Most leaves of a tree; default 8. */
  leaves?: number;
  /** Share of each tree's answer that is taken; default 0.08. */
  learningRate?: number;
  /** Fewest rows in a leaf; default 100. */
  minLeafRows?: number;
  /** Added to the second derivative of each leaf: pulls leaves towards 0; default 10. */
  l2?: number;
  /** Most bins a column is cut into, 2–255; cells that are not known have one more; default 255. */
  bins?: number;
  /** By column: 1 never falls where the column rises, −1 never rises, 0 free; default all free. */
  monotone?: readonly (-1 | 0 | 1)[];
  /** Names of the columns; default f0, f1, … */
  features?: readonly string[];
  /** How much each row counts, finite and not negative; default 1. */
  weights?: Float64Array;
  /** Same seed, data and options: same trees, on every machine. */
  seed: number;
  /** Share of the rows each tree is grown from, drawn anew; default 1. */
  rowShare?: number;
  /** Share of the columns each tree may split, drawn anew; default 1. */
  columnShare?: number;
  /** Rows that are not learned from: training ends at the tree after which their loss was least. */
  validation?: BoosterValidation;
  /** Called after each tree. */
  onProgress?: (progress: BoosterProgress) => void;
}

export interface BoosterValidation {
  x: Matrix;
  y: Float64Array | Uint8Array;
  weights?: Float64Array;
  /** Ends when so many trees in a row did not lower the loss; default 20. */
  stopAfter?: number;
}

export interface BoosterProgress {
  /** Trees grown so far. */
  trees: number;
  /** Most trees that will be. */
  of: number;
  /** Mean binary log loss over the validation rows, when there are any. */
  validationLoss?: number;
}
