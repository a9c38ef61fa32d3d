// One binary tree, in preorder: a node's left child stands right behind it, its right child behind
// all of the left. Nothing in such a list can point outside of it or in a circle, so that a tree from
// a hostile file is checked in one pass.

import { learnerRefusal } from '../learner-error.ts';

export interface Tree {
  /** By node: the column it asks about, −1 for a leaf. */
  readonly feature: readonly number[];
  /** By inner node: a cell goes left when it is at most this; always, when it is known, at `UNBOUNDED`. */
  readonly threshold: readonly number[];
  /** By inner node: where a cell goes that is not known. */
  readonly missing: readonly MissingRule[];
  /** By leaf: what it adds. */
  readonly value: readonly number[];
  /** By leaf: training rows in it, or any other number that says how many come here. */
  readonly rows: readonly number[];
}

/** Where a cell goes that is not known; the last three are LightGBM's. */
export const MISSING = {
  goesRight: 0,
  goesLeft: 1,
  /** NaN counts as 0. */
  isZero: 2,
  /** NaN and 0 are both not known. */
  withZeroRight: 3,
  withZeroLeft: 4,
} as const;
export type MissingRule = (typeof MISSING)[keyof typeof MISSING];

/** What LightGBM takes for 0 where 0 means not known: 1e-35 as a 32-bit number. */
export const ZERO_BAND = 1.000_000_018_002_509_5e-35;

/** The largest number stands for no bound at all: a file of ours has no infinity. */
export const UNBOUNDED = Number.MAX_VALUE;

/** What a leaf or a beginning may be worth, either way: sums of these never become infinite. */
export const MOST_VALUE = 1e9;
/** Leaves that a tree may have. */
export const MOST_LEAVES = 512;

const malformed = (detail: string) =>
  learnerRefusal('model_malformed', 'A tree of this model is damaged. Make the model anew.', {
    detail,
  });

/**
 * @throws CodedError `model_malformed` unless the tree ends, all its lists have the length they
 * must, its columns exist and its numbers are finite
 */
export function checkTree(tree: Tree, columns: number): void {
  const { feature, threshold, missing, value, rows } = tree;
  // So many subtrees are still to come; a whole tree ends at the first node that leaves none.
  let open = 1;
  for (const column of feature) {
    if (open === 0) throw malformed('Nodes follow after the end of the tree.');
    if (!Number.isInteger(column) || column < -1 || column >= columns)
      throw malformed('A node asks about a column that is not there.');
    open += column < 0 ? -1 : 1;
  }
  if (open !== 0) throw malformed('The tree does not end.');
  const leaves = (feature.length + 1) / 2;
  if (leaves > MOST_LEAVES) throw malformed('The tree has too many leaves.');
  if (threshold.length !== leaves - 1 || missing.length !== leaves - 1)
    throw malformed('Not one threshold and one rule an inner node.');
  if (value.length !== leaves || rows.length !== leaves)
    throw malformed('Not one value and one count a leaf.');
  if (!threshold.every(Number.isFinite) || !value.every((worth) => Math.abs(worth) <= MOST_VALUE))
    throw malformed('A threshold or a value is not a number, or too large.');
  if (!missing.every((rule) => Number.isInteger(rule) && rule >= 0 && rule <= 4))
    throw malformed('A rule for missing cells is not known.');
  if (!rows.every((count) => count >= 0 && count <= Number.MAX_SAFE_INTEGER))
    throw malformed('A leaf has no count of rows.');
}
