// A tree while it grows: nodes that hang on each other, written down in preorder once it is done.

import { MISSING, type MissingRule, type Tree } from '../trees/tree.ts';
import type { BinnedColumn } from './bin-columns.ts';
import type { Split } from './find-split.ts';

export interface GrownNode {
  /** Number of the leaf that it is, or was before it was split. */
  readonly leaf: number;
  inner?: {
    readonly column: number;
    readonly threshold: number;
    readonly missing: MissingRule;
    readonly left: GrownNode;
    readonly right: GrownNode;
  };
}

/**
 * Turns a leaf into a split with two leaves under it: the left one keeps its number.
 * @returns both
 */
export function splitNode(
  node: GrownNode,
  split: Split,
  column: BinnedColumn,
  nextLeaf: number,
): { left: GrownNode; right: GrownNode } {
  const children = { left: { leaf: node.leaf }, right: { leaf: nextLeaf } };
  node.inner = {
    column: split.column,
    // Behind the last bin only what is missing is left to be cut off.
    threshold: column.bounds[split.bin] ?? Number.MAX_VALUE,
    missing: split.missingLeft ? MISSING.goesLeft : MISSING.goesRight,
    ...children,
  };
  return children;
}

export function inPreorder(
  root: GrownNode,
  values: readonly number[],
  leafRows: readonly number[],
): Tree {
  const feature: number[] = [];
  const threshold: number[] = [];
  const missing: MissingRule[] = [];
  const value: number[] = [];
  const rows: number[] = [];
  const visit = ({ leaf, inner }: GrownNode): void => {
    feature.push(inner?.column ?? -1);
    if (inner === undefined) {
      value.push(values[leaf] as number);
      rows.push(leafRows[leaf] as number);
      return;
    }
    threshold.push(inner.threshold);
    missing.push(inner.missing);
    visit(inner.left);
    visit(inner.right);
  };
  visit(root);
  return { feature, threshold, missing, value, rows };
}
