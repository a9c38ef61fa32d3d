// Rows that a training does not learn from: their loss says after which tree to stop.

import { checkLabels, checkMatrix } from '../matrix.ts';
import { type BinnedColumn, binLike } from './bin-columns.ts';
import type { BoosterValidation } from './booster-options.ts';
import { allRows, RowPartition } from './row-partition.ts';
import { meanLoss } from './slopes.ts';

const STOP_AFTER = 20;

export class HeldOut {
  readonly partition = new RowPartition();
  readonly columns: readonly BinnedColumn[];
  readonly #validation: BoosterValidation;
  readonly #scores: Float64Array;
  #trees = 0;
  #best = { trees: 0, loss: Number.POSITIVE_INFINITY };

  /** @throws CodedError `data_invalid` */
  constructor(validation: BoosterValidation, like: readonly BinnedColumn[]) {
    const { x, y, weights } = validation;
    checkMatrix(x);
    checkLabels(x.rows, y, weights);
    this.#validation = validation;
    this.columns = binLike(x, like);
    this.#scores = new Float64Array(x.rows);
  }

  /** @param base log-odds before the first tree */
  begin(base: number): void {
    this.#scores.fill(base);
  }

  /** All rows back into leaf 0. */
  nextTree(): void {
    this.partition.begin(allRows(this.#scores.length));
  }

  /** @returns the mean loss with the new tree */
  judge(values: readonly number[]): number {
    const { y, weights } = this.#validation;
    this.partition.addTo(this.#scores, values);
    this.#trees += 1;
    const loss = meanLoss(this.#scores, y, weights);
    if (loss < this.#best.loss) this.#best = { trees: this.#trees, loss };
    return loss;
  }

  get bestTrees(): number {
    return this.#best.trees;
  }

  get hasEnough(): boolean {
    return this.#trees - this.#best.trees >= (this.#validation.stopAfter ?? STOP_AFTER);
  }
}
