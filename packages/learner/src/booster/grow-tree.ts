// Grows one tree leaf by leaf: always the split that lowers the loss most, wherever it is (best-first,
// Shi 2007; Ke et al. 2017), until there are leaves enough or nothing is gained.

import type { Tree } from '../trees/tree.ts';
import type { BinnedColumn } from './bin-columns.ts';
import {
  boundChildren,
  findSplit,
  type LeafBounds,
  type LeafSums,
  leafValue,
  type Split,
  type SplitRules,
} from './find-split.ts';
import { type GrownNode, inPreorder, splitNode } from './grown-node.ts';
import {
  BIN_ROOM,
  type Histogram,
  HistogramFiller,
  makeHistogram,
  subtractHistogram,
} from './histogram.ts';
import type { RowPartition } from './row-partition.ts';

interface Leaf {
  readonly node: GrownNode;
  readonly sums: LeafSums;
  readonly bounds: LeafBounds;
  /** Before the learning rate. */
  readonly value: number;
  histogram?: Histogram;
  best?: Split | undefined;
}

/** Rows in bins, and which of them are in which leaf. */
export interface Follower {
  readonly partition: RowPartition;
  readonly columns: readonly BinnedColumn[];
}

export interface GrownTree {
  readonly tree: Tree;
  /** By leaf, as the partitions number them: what it adds. */
  readonly values: readonly number[];
}

/** Longest step of one leaf: where the second derivative is all but 0, Newton's has no end. */
const MOST_STEP = 20;
const AT_FIRST: LeafBounds = { low: -MOST_STEP, high: MOST_STEP };

export class TreeGrower {
  readonly #rows: Follower;
  readonly #followers: readonly Follower[];
  readonly #options: { leaves: number; learningRate: number; rules: SplitRules };
  readonly #filler: HistogramFiller;
  /** Histograms that no leaf uses at present. */
  readonly #spare: Histogram[] = [];

  /**
   * @param rows what trees are grown from
   * @param followers rows that are split likewise and have no say in it
   * @param most rows there ever are to grow from
   */
  constructor(
    rows: Follower,
    followers: readonly Follower[],
    most: number,
    options: { leaves: number; learningRate: number; rules: SplitRules },
  ) {
    this.#rows = rows;
    this.#followers = followers;
    this.#options = options;
    this.#filler = new HistogramFiller(rows.columns, most);
  }

  /**
   * All rows have to be in leaf 0.
   * @param pairs both derivatives by row
   * @param used by column: 1 when this tree may split it
   * @returns nothing when no split gains anything
   */
  grow(pairs: Int32Array, used: Uint8Array): GrownTree | undefined {
    const root: GrownNode = { leaf: 0 };
    const sums = sumUp(this.#rows.partition.rowsOf(0), pairs);
    const leaves = [this.#makeLeaf(root, sums, AT_FIRST)];
    this.#look(leaves[0]!, this.#fill(0, pairs, used), used);
    while (leaves.length < this.#options.leaves) {
      const chosen = mostGain(leaves);
      if (chosen === undefined) break;
      this.#split(leaves, chosen, pairs, used);
    }
    for (const leaf of leaves) this.#release(leaf);
    if (leaves.length === 1) return undefined;
    const values = leaves.map(({ value }) => this.#options.learningRate * value);
    const counts = leaves.map((leaf) => leaf.sums.rows);
    return { tree: inPreorder(root, values, counts), values };
  }

  #split(leaves: Leaf[], parent: Leaf, pairs: Int32Array, used: Uint8Array): void {
    const column = parent.best!.column;
    const binned = this.#rows.columns[column]!;
    const split = placeMissing(parent.best!, parent.histogram!, binned);
    const number = parent.node.leaf;
    const histogram = parent.histogram!;
    const nodes = splitNode(parent.node, split, binned, leaves.length);
    for (const { partition, columns } of [this.#rows, ...this.#followers])
      partition.split(number, columns[column]!, split.bin, split.missingLeft);
    const direction = this.#options.rules.monotone[column] as number;
    const bounds = boundChildren(parent.bounds, split, direction);
    const left = this.#makeLeaf(nodes.left, split.left, bounds.left);
    const right = this.#makeLeaf(nodes.right, split.right, bounds.right);
    leaves[number] = left;
    leaves.push(right);
    this.#lookAtBoth(left, right, histogram, pairs, used, leaves.length);
  }

  /** Counts the smaller child and subtracts it for the other, if either can still be split. */
  #lookAtBoth(
    left: Leaf,
    right: Leaf,
    histogram: Histogram,
    pairs: Int32Array,
    used: Uint8Array,
    leaves: number,
  ): void {
    const [small, large] = left.sums.rows <= right.sums.rows ? [left, right] : [right, left];
    const tooFew = large.sums.rows < 2 * this.#options.rules.minLeafRows;
    if (leaves >= this.#options.leaves || tooFew) {
      this.#spare.push(histogram);
      return;
    }
    const counted = this.#fill(small.node.leaf, pairs, used);
    subtractHistogram(histogram, counted);
    this.#look(small, counted, used);
    this.#look(large, histogram, used);
  }

  #makeLeaf(node: GrownNode, sums: LeafSums, bounds: LeafBounds): Leaf {
    const value = leafValue(sums.slope, sums.curve, this.#options.rules.l2, bounds);
    return { node, sums, bounds, value };
  }

  #look(leaf: Leaf, histogram: Histogram, used: Uint8Array): void {
    leaf.histogram = histogram;
    leaf.best = findSplit(
      ...([histogram, this.#rows.columns, used] as const),
      ...([leaf.sums, leaf.bounds, this.#options.rules] as const),
    );
    if (leaf.best === undefined) this.#release(leaf);
  }

  #fill(leaf: number, pairs: Int32Array, used: Uint8Array): Histogram {
    const histogram = this.#spare.pop() ?? makeHistogram(this.#rows.columns.length);
    this.#filler.fill(histogram, this.#rows.partition.rowsOf(leaf), pairs, used);
    return histogram;
  }

  #release(leaf: Leaf): void {
    if (leaf.histogram === undefined) return;
    this.#spare.push(leaf.histogram);
    delete leaf.histogram;
  }
}

/** A missing cell that no row of training had here goes where the answer is higher: it never calms. */
function placeMissing(split: Split, { counts }: Histogram, { missing }: BinnedColumn): Split {
  if ((counts[BIN_ROOM * split.column + missing] as number) > 0) return split;
  return { ...split, missingLeft: split.leftValue >= split.rightValue };
}

/** Of equal gains, that of the older leaf. */
function mostGain(leaves: readonly Leaf[]): Leaf | undefined {
  let chosen: Leaf | undefined;
  for (const leaf of leaves)
    if (leaf.best && leaf.best.gain > (chosen?.best?.gain ?? 0)) chosen = leaf;
  return chosen;
}

function sumUp(rows: Uint32Array, pairs: Int32Array): LeafSums {
  let slope = 0;
  let curve = 0;
  for (const row of rows) {
    slope += pairs[2 * row] as number;
    curve += pairs[2 * row + 1] as number;
  }
  return { slope, curve, rows: rows.length };
}
