// The same sum of trees, asked column by column (QuickScorer, Lucchese et al. 2015): a split that sends a
// cell to the right rules out all leaves on its left, and in each tree the leftmost leaf that stays is the
// answer. Splits of a column stand in order of their thresholds, so a row walks over them and stops, where
// going down a tree would guess at every node. Same leaves in the same order: the same sum to the last bit.

import { MISSING, type Tree } from './tree.ts';

/** One bit a leaf. */
const MOST_SIEVED = 32;

interface Split {
  column: number;
  threshold: number;
  tree: number;
  /** The leaves that stay when a cell is above the threshold. */
  stay: number;
}

export class LeafSieve {
  /** By column, where its splits begin; one more for the end. */
  readonly #begins: Int32Array;
  /** By split, after each column's last an infinite one that stops the walk. */
  readonly #thresholds: Float64Array;
  readonly #trees: Uint16Array;
  readonly #stays: Int32Array;
  /** By tree: the leaves that may still be the answer. */
  readonly #left: Int32Array;
  /** By tree, as many places as the largest has leaves. */
  readonly #values: Float64Array;
  readonly #shift: number;

  private constructor(trees: readonly Tree[], columns: number) {
    const splits = trees.flatMap(splitsOf);
    splits.sort((a, b) => a.column - b.column || a.threshold - b.threshold);
    const most = Math.max(1, ...trees.map(({ value }) => value.length));
    this.#shift = Math.ceil(Math.log2(most));
    this.#begins = new Int32Array(columns + 1);
    this.#thresholds = new Float64Array(splits.length + columns).fill(Number.POSITIVE_INFINITY);
    this.#trees = new Uint16Array(splits.length + columns);
    this.#stays = new Int32Array(splits.length + columns);
    this.#left = new Int32Array(trees.length);
    this.#values = new Float64Array(trees.length << this.#shift);
    trees.forEach(({ value }, tree) => {
      this.#values.set(value, tree << this.#shift);
    });
    let [next, at] = [0, 0];
    for (let column = 0; column < columns; column += 1) {
      this.#begins[column] = at;
      for (; splits[next]?.column === column; next += 1) {
        const { threshold, tree, stay } = splits[next]!;
        this.#thresholds[at] = threshold;
        this.#trees[at] = tree;
        this.#stays[at++] = stay;
      }
      at += 1;
    }
    this.#begins[columns] = at;
  }

  /** Undefined where a tree is too large, or takes 0 for what is not known. */
  static of(trees: readonly Tree[], columns: number): LeafSieve | undefined {
    const fits = trees.every(
      ({ value, missing }) =>
        value.length <= MOST_SIEVED && missing.every((rule) => rule < MISSING.withZeroRight),
    );
    return fits && trees.length < 2 ** 16 ? new LeafSieve(trees, columns) : undefined;
  }

  /** `base` and what the trees add to it; NaN when a cell of the row is: then the trees must be walked. */
  sum(row: Float64Array, offset: number, base: number): number {
    const thresholds = this.#thresholds;
    const trees = this.#trees;
    const stays = this.#stays;
    const left = this.#left;
    left.fill(-1);
    for (let column = this.#begins.length - 2; column >= 0; column -= 1) {
      const cell = row[offset + column] as number;
      if (!(cell <= Number.MAX_VALUE)) return Number.NaN;
      for (let at = this.#begins[column] as number; cell > (thresholds[at] as number); at += 1) {
        const tree = trees[at] as number;
        left[tree] = (left[tree] as number) & (stays[at] as number);
      }
    }
    const values = this.#values;
    const shift = this.#shift;
    let total = base;
    for (let tree = 0; tree < left.length; tree += 1) {
      const open = left[tree] as number;
      total += values[(tree << shift) + 31 - Math.clz32(open & -open)] as number;
    }
    return total;
  }
}

/** The inner nodes of a tree, its leaves counted from the left. */
function splitsOf({ feature, threshold }: Tree, tree: number): Split[] {
  const splits: Split[] = [];
  let [node, inner, leaf] = [0, 0, 0];
  const walk = (): void => {
    const column = feature[node++]!;
    if (column < 0) {
      leaf += 1;
      return;
    }
    const split = { column, threshold: threshold[inner++]!, tree, stay: -1 };
    splits.push(split);
    const first = leaf;
    walk();
    for (let gone = first; gone < leaf; gone += 1) split.stay &= ~(1 << gone);
    walk();
  };
  walk();
  return splits;
}
