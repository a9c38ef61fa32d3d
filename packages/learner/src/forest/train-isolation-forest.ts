// Grows an isolation forest.
import type { Matrix } from '../matrix.ts';
import type { IsolationForest } from './isolation-forest.ts';

export interface IsolationForestOptions {
  /** Default 100. */
  trees?: number;
  /** Rows each tree is grown from; default 256. */
  sample?: number;
  seed: number;
  features?: readonly string[];
}

export function trainIsolationForest(
  _x: Matrix,
  _options: IsolationForestOptions,
): IsolationForest {
  throw new Error('not built yet');
}
