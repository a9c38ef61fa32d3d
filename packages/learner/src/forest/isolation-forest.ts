// An isolation forest: rows that few random cuts set apart are odd (Liu, Ting, Zhou 2008). A tree's
// answer is the length of a path, so the forest is a sum of trees like any other, and says likewise
// which columns made a row odd.

import { learnerRefusal } from '../learner-error.ts';
import { MOST_COLUMNS } from '../matrix.ts';
import { checkTree, MOST_LEAVES, type Tree } from '../trees/tree.ts';
import { TreeSum } from '../trees/tree-sum.ts';
import { averagePathLength } from './path-length.ts';

/** A tree as it is kept: what its leaves are worth follows from their depth and rows. */
export type IsolationTree = Omit<Tree, 'value'>;

export const MOST_FOREST_TREES = 1000;
/** A tree has no more leaves than rows, and no more of them than any tree may have. */
export const MOST_SAMPLE = MOST_LEAVES;

export class IsolationForest {
  readonly kind = 'isolation-forest';
  /** Names of the columns, in the order of a row's cells. */
  readonly features: readonly string[];
  /** Rows each tree was grown from. */
  readonly sample: number;
  readonly trees: readonly IsolationTree[];
  readonly #sum: TreeSum;

  /** @throws CodedError `model_malformed` */
  constructor(features: readonly string[], sample: number, trees: readonly IsolationTree[]) {
    const fits =
      features.length >= 1 &&
      features.length <= MOST_COLUMNS &&
      Number.isInteger(sample) &&
      sample >= 2 &&
      sample <= MOST_SAMPLE &&
      trees.length >= 1 &&
      trees.length <= MOST_FOREST_TREES;
    if (!fits) throw learnerRefusal('model_malformed', 'The sizes of a forest are out of bounds.');
    // In doublings of the score: a path as long as the average one counts −1.
    const unit = -1 / (trees.length * averagePathLength(sample));
    const valued = trees.map((tree) => {
      const value = pathLengths(tree).map((length) => unit * length);
      const whole = { ...tree, value };
      checkTree(whole, features.length);
      return whole;
    });
    this.features = features;
    this.sample = sample;
    this.trees = trees;
    this.#sum = new TreeSum(valued, features.length, 0);
  }

  /** Oddness of the row at `offset`, in (0, 1): about 0.5 is usual, towards 1 is odd. */
  score(row: Float64Array, offset = 0): number {
    return 2 ** this.#sum.sum(row, offset);
  }

  /**
   * Splits the score over the columns: `out` has one number a column and the bias last, their sum
   * is log2 of the score, so a positive number made the row odder.
   * @returns the score
   */
  contribute(row: Float64Array, out: Float64Array, offset = 0): number {
    return 2 ** this.#sum.spread(row, offset, out);
  }
}

/** By leaf: its depth, and what its rows would have added to it. */
function pathLengths({ feature, rows }: IsolationTree): number[] {
  const lengths: number[] = [];
  /** Depths of the right children that are still to come, the nearest last. */
  const waiting: number[] = [];
  let depth = 0;
  for (const column of feature) {
    if (column >= 0) {
      depth += 1;
      waiting.push(depth);
      continue;
    }
    lengths.push(depth + averagePathLength(Math.floor(rows[lengths.length] ?? 0)));
    depth = waiting.pop() ?? 0;
  }
  return lengths;
}
