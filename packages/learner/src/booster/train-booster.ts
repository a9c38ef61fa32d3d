// Gradient boosting on binary labels: each tree takes a Newton step down the log loss (Friedman 2001),
// grown on histograms (Ke et al. 2017), and never against the direction of a monotone column.

import { checkLabels, checkMatrix, type Matrix } from '../matrix.ts';
import { drawRising, seededNumbers } from '../seeded-numbers.ts';
import type { Tree } from '../trees/tree.ts';
import { binColumns } from './bin-columns.ts';
import { Booster } from './booster.ts';
import type { BoosterOptions } from './booster-options.ts';
import { type GrownTree, TreeGrower } from './grow-tree.ts';
import { HeldOut } from './held-out.ts';
import { readOptions } from './read-options.ts';
import { allRows, RowPartition } from './row-partition.ts';
import { fillSlopes, firstScore, makeSlopes } from './slopes.ts';

/** Gain below which a split is rounding, in units of the loss. */
export const MIN_GAIN = 1e-9;

/**
 * @param y 0 or 1 a row
 * @throws CodedError `options_invalid` `data_invalid`
 */
export function trainBooster(
  x: Matrix,
  y: Float64Array | Uint8Array,
  options: BoosterOptions,
): Booster {
  checkMatrix(x);
  checkLabels(x.rows, y, options.weights);
  const plan = readOptions(options, x.columns);
  const columns = binColumns(x, plan.bins);
  const slopes = makeSlopes(x.rows, plan.weights);
  const draw = new Sampler(plan, x);
  const heldOut = plan.validation && new HeldOut(plan.validation, columns);
  const followers = [{ partition: draw.outOfBag, columns }, ...(heldOut ? [heldOut] : [])];
  const grower = new TreeGrower({ partition: draw.inBag, columns }, followers, x.rows, {
    leaves: plan.leaves,
    learningRate: plan.learningRate,
    rules: {
      minLeafRows: plan.minLeafRows,
      l2: plan.l2 * slopes.scale,
      minGain: MIN_GAIN * slopes.scale,
      monotone: plan.monotone,
    },
  });
  const base = firstScore(y, plan.weights);
  const scores = new Float64Array(x.rows).fill(base);
  heldOut?.begin(base);
  const trees: Tree[] = [];
  for (let round = 0; round < plan.trees; round += 1) {
    fillSlopes(slopes, scores, y, plan.weights);
    draw.next();
    heldOut?.nextTree();
    const grown: GrownTree | undefined = grower.grow(slopes.pairs, draw.usedColumns);
    // Without draws the next tree would be found wanting on the same rows.
    if (grown === undefined && !draw.isRandom) break;
    if (grown === undefined) continue;
    trees.push(grown.tree);
    draw.inBag.addTo(scores, grown.values);
    draw.outOfBag.addTo(scores, grown.values);
    const validationLoss = heldOut?.judge(grown.values);
    plan.onProgress?.({
      ...{ trees: trees.length, of: plan.trees },
      ...(validationLoss === undefined ? {} : { validationLoss }),
    });
    if (heldOut?.hasEnough) break;
  }
  return new Booster(plan.features, base, trees.slice(0, heldOut?.bestTrees ?? trees.length));
}

/** Draws the rows and columns of each tree. */
class Sampler {
  readonly inBag = new RowPartition();
  readonly outOfBag = new RowPartition();
  readonly usedColumns: Uint8Array;
  readonly isRandom: boolean;
  readonly #plan: { rowShare: number; columnShare: number };
  readonly #rows: number;
  readonly #numbers: () => number;

  constructor(plan: { rowShare: number; columnShare: number; seed: number }, x: Matrix) {
    this.#plan = plan;
    this.#rows = x.rows;
    this.usedColumns = new Uint8Array(x.columns).fill(1);
    this.#numbers = seededNumbers(plan.seed);
    this.isRandom = plan.rowShare < 1 || plan.columnShare < 1;
  }

  next(): void {
    const { rowShare, columnShare } = this.#plan;
    const { inBag, outOfBag } = splitOff(this.#numbers, rowShare, this.#rows);
    this.inBag.begin(inBag);
    this.outOfBag.begin(outOfBag);
    if (columnShare === 1) return;
    const columns = this.usedColumns.length;
    this.usedColumns.fill(0);
    for (const column of drawRising(this.#numbers, shareOf(columnShare, columns), columns))
      this.usedColumns[column] = 1;
  }
}

const shareOf = (share: number, of: number): number => Math.max(1, Math.round(share * of));

function splitOff(
  next: () => number,
  share: number,
  of: number,
): { inBag: Uint32Array; outOfBag: Uint32Array } {
  const inBag = share === 1 ? allRows(of) : drawRising(next, shareOf(share, of), of);
  const outOfBag = new Uint32Array(of - inBag.length);
  if (outOfBag.length === 0) return { inBag, outOfBag };
  let drawn = 0;
  for (let row = 0; row < of; row += 1)
    if (inBag[drawn] === row) drawn += 1;
    else outOfBag[row - drawn] = row;
  return { inBag, outOfBag };
}
