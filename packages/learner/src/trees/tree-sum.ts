// Trees added up, laid out for asking: four flat arrays, no objects and nothing allocated on the way.
// The contributions are those of the path (Saabas 2014): at each split a node's mean becomes its
// child's, and the difference belongs to the column that was asked. They add up to the answer because
// all steps between do; unlike Shapley values they cost no more than the answer itself.

import { LeafSieve } from './leaf-sieve.ts';
import { MISSING, type Tree, UNBOUNDED, ZERO_BAND } from './tree.ts';

/** A head is a column and, above it, the rule for missing cells. */
const RULE_SHIFT = 16;
const COLUMN_MASK = 0xffff;

export class TreeSum {
  /** What the trees add to. */
  readonly base: number;
  readonly columns: number;
  /** Where each tree begins. */
  readonly #roots: Int32Array;
  /** By node: column and rule, −1 for a leaf. */
  readonly #heads: Int32Array;
  readonly #thresholds: Float64Array;
  /** By node: its right child; the left one stands behind it. */
  readonly #rights: Int32Array;
  /** By node: a leaf's value, else the mean of the leaves below, each counted by its rows. */
  readonly #values: Float64Array;
  /** What a row is worth of which nothing is known: base and all means of roots. */
  readonly #bias: number;
  /** The faster way to the sum, where these trees and the row allow it. */
  readonly #sieve: LeafSieve | undefined;

  /** @param trees checked by `checkTree` */
  constructor(trees: readonly Tree[], columns: number, base: number) {
    const nodes = trees.reduce((sum, tree) => sum + tree.feature.length, 0);
    this.base = base;
    this.columns = columns;
    this.#roots = new Int32Array(trees.length);
    this.#heads = new Int32Array(nodes);
    this.#thresholds = new Float64Array(nodes);
    this.#rights = new Int32Array(nodes);
    this.#values = new Float64Array(nodes);
    let at = 0;
    let bias = base;
    trees.forEach((tree, index) => {
      this.#roots[index] = at;
      this.#lay(tree, at);
      bias += this.#values[at] as number;
      at += tree.feature.length;
    });
    this.#bias = bias;
    this.#sieve = LeafSieve.of(trees, columns);
  }

  /** From the last node to the first, since both children of a node stand behind it. */
  #lay(tree: Tree, begin: number): void {
    let inner = tree.threshold.length;
    let leaf = tree.value.length;
    /** Roots of the subtrees that have no parent yet, with their rows: the nearest last. */
    const waiting: { node: number; rows: number }[] = [];
    for (let index = tree.feature.length - 1; index >= 0; index -= 1) {
      const node = begin + index;
      const column = tree.feature[index] as number;
      if (column < 0) {
        leaf -= 1;
        this.#heads[node] = -1;
        this.#values[node] = tree.value[leaf] as number;
        waiting.push({ node, rows: tree.rows[leaf] as number });
        continue;
      }
      inner -= 1;
      const [left, right] = [waiting.pop()!, waiting.pop()!];
      const rows = left.rows + right.rows;
      const share = rows === 0 ? 0.5 : left.rows / rows;
      this.#heads[node] = column | ((tree.missing[inner] as number) << RULE_SHIFT);
      const threshold = tree.threshold[inner] as number;
      this.#thresholds[node] = threshold === UNBOUNDED ? Number.POSITIVE_INFINITY : threshold;
      this.#rights[node] = right.node;
      this.#values[node] =
        share * (this.#values[left.node] as number) +
        (1 - share) * (this.#values[right.node] as number);
      waiting.push({ node, rows });
    }
  }

  /** The sum for the row that begins at `offset`. */
  sum(row: Float64Array, offset: number): number {
    const sieved = this.#sieve?.sum(row, offset, this.base) ?? Number.NaN;
    return Number.isNaN(sieved) ? this.#walk(row, offset) : sieved;
  }

  #walk(row: Float64Array, offset: number): number {
    const heads = this.#heads;
    const thresholds = this.#thresholds;
    const rights = this.#rights;
    const roots = this.#roots;
    const values = this.#values;
    let total = this.base;
    for (let index = 0; index < roots.length; index += 1) {
      let node = roots[index] as number;
      let head = heads[node] as number;
      while (head >= 0) {
        const cell = row[offset + (head & COLUMN_MASK)] as number;
        const threshold = thresholds[node] as number;
        const left = goesLeft(cell, threshold, head >>> RULE_SHIFT);
        node = left ? node + 1 : (rights[node] as number);
        head = heads[node] as number;
      }
      total += values[node] as number;
    }
    return total;
  }

  /** The sum, and in `out` what each column adds to it, the bias last. */
  spread(row: Float64Array, offset: number, out: Float64Array): number {
    const heads = this.#heads;
    const thresholds = this.#thresholds;
    const rights = this.#rights;
    const roots = this.#roots;
    const values = this.#values;
    let total = this.base;
    out.fill(0);
    for (let index = 0; index < roots.length; index += 1) {
      let node = roots[index] as number;
      let head = heads[node] as number;
      let value = values[node] as number;
      while (head >= 0) {
        const column = head & COLUMN_MASK;
        const cell = row[offset + column] as number;
        const left = goesLeft(cell, thresholds[node] as number, head >>> RULE_SHIFT);
        node = left ? node + 1 : (rights[node] as number);
        head = heads[node] as number;
        const next = values[node] as number;
        out[column] = (out[column] as number) + next - value;
        value = next;
      }
      total += value;
    }
    out[this.columns] = this.#bias;
    return total;
  }
}

/** A comparison with NaN is false both ways: what is neither left nor right is not known. */
function goesLeft(cell: number, threshold: number, rule: number): boolean {
  if (rule >= MISSING.withZeroRight && cell >= -ZERO_BAND && cell <= ZERO_BAND)
    return rule === MISSING.withZeroLeft;
  if (cell <= threshold) return true;
  if (cell > threshold) return false;
  if (rule === MISSING.isZero) return 0 <= threshold;
  return rule === MISSING.goesLeft || rule === MISSING.withZeroLeft;
}
