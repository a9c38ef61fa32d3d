// Boosted trees, trained or read: a row of numbers in, log-odds and their reasons out.

import { learnerRefusal } from '../learner-error.ts';
import { MOST_COLUMNS } from '../matrix.ts';
import { checkTree, MOST_VALUE, type Tree } from '../trees/tree.ts';
import { TreeSum } from '../trees/tree-sum.ts';

/** Trees that a booster may have. */
export const MOST_TREES = 5000;

export class Booster {
  readonly kind = 'booster';
  /** Names of the columns, in the order of a row's cells. */
  readonly features: readonly string[];
  readonly trees: readonly Tree[];
  readonly #sum: TreeSum;

  /**
   * @param base log-odds before the first tree
   * @throws CodedError `model_malformed`
   */
  constructor(features: readonly string[], base: number, trees: readonly Tree[]) {
    if (features.length < 1 || features.length > MOST_COLUMNS || trees.length > MOST_TREES)
      throw learnerRefusal('model_malformed', 'A booster has too many columns or trees, or none.');
    if (!(Math.abs(base) <= MOST_VALUE))
      throw learnerRefusal('model_malformed', 'A booster begins with what is not a number.');
    for (const tree of trees) checkTree(tree, features.length);
    this.features = features;
    this.trees = trees;
    this.#sum = new TreeSum(trees, features.length, base);
  }

  get base(): number {
    return this.#sum.base;
  }

  /** Log-odds of the row that begins at `offset`; NaN cells go where each split says. */
  predict(row: Float64Array, offset = 0): number {
    return this.#sum.sum(row, offset);
  }

  /**
   * Splits the log-odds of the row at `offset` over its columns. `out` has one number a column and
   * the bias last; their sum is the log-odds.
   * @returns the log-odds
   */
  contribute(row: Float64Array, out: Float64Array, offset = 0): number {
    return this.#sum.spread(row, offset, out);
  }
}
