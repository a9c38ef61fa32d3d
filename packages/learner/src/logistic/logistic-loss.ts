// The penalised log loss of logistic regression and its derivatives, over all rows.

import type { Matrix } from '../matrix.ts';
import { standardise } from './logistic.ts';
import type { MeasuredColumn } from './measure-columns.ts';

interface LossGround {
  x: Matrix;
  y: Float64Array | Uint8Array;
  columns: readonly MeasuredColumn[];
  l2: number;
  weights: Float64Array | undefined;
}

export class LogisticLoss {
  readonly #ground: LossGround;
  readonly #means: Float64Array;
  readonly #scales: Float64Array;
  /** The row that is looked at, standardised, and 1 for the intercept. */
  readonly #row: Float64Array;

  constructor(ground: LossGround) {
    this.#ground = ground;
    this.#means = Float64Array.from(ground.columns, ({ mean }) => mean);
    this.#scales = Float64Array.from(ground.columns, ({ scale }) => scale);
    this.#row = new Float64Array(ground.columns.length + 1).fill(1);
  }

  /** The loss, summed over rows, where the last of the weights is the intercept. */
  at(weights: Float64Array): number {
    const { x, y } = this.#ground;
    let loss = this.#penalty(weights);
    for (let row = 0; row < x.rows; row += 1) {
      const score = this.#score(row, weights);
      const margin = y[row] === 1 ? score : -score;
      loss +=
        this.#weightOf(row) * (Math.log1p(Math.exp(-Math.abs(margin))) + Math.max(-margin, 0));
    }
    return loss;
  }

  /** First derivatives, and second ones as a square, row after row. */
  bend(weights: Float64Array): { slope: Float64Array; curve: Float64Array } {
    const { x, y, l2 } = this.#ground;
    const size = weights.length;
    const slope = new Float64Array(size);
    const curve = new Float64Array(size * size);
    const cells = this.#row;
    for (let row = 0; row < x.rows; row += 1) {
      const chance = 1 / (1 + Math.exp(-this.#score(row, weights)));
      const weight = this.#weightOf(row);
      const push = weight * (chance - (y[row] as number));
      const bend = weight * chance * (1 - chance);
      for (let one = 0; one < size; one += 1) {
        const cell = cells[one] as number;
        slope[one] = (slope[one] as number) + push * cell;
        const bent = bend * cell;
        for (let other = 0; other <= one; other += 1)
          curve[one * size + other] =
            (curve[one * size + other] as number) + bent * (cells[other] as number);
      }
    }
    for (let one = 0; one < size; one += 1) {
      for (let other = 0; other < one; other += 1)
        curve[other * size + one] = curve[one * size + other] as number;
      if (one === size - 1) break;
      slope[one] = (slope[one] as number) + l2 * (weights[one] as number);
      curve[one * size + one] = (curve[one * size + one] as number) + l2;
    }
    return { slope, curve };
  }

  /** Leaves the standardised row in `#row`. */
  #score(row: number, weights: Float64Array): number {
    const { x } = this.#ground;
    const cells = this.#row;
    let score = weights[x.columns] as number;
    for (let column = 0, at = row * x.columns; column < x.columns; column += 1, at += 1) {
      const mean = this.#means[column] as number;
      const cell = standardise(x.data[at] as number, mean, this.#scales[column] as number);
      cells[column] = cell;
      score += (weights[column] as number) * cell;
    }
    return score;
  }

  #weightOf(row: number): number {
    const { weights } = this.#ground;
    return weights === undefined ? 1 : (weights[row] as number);
  }

  #penalty(weights: Float64Array): number {
    let squares = 0;
    for (let column = 0; column < weights.length - 1; column += 1)
      squares += (weights[column] as number) ** 2;
    return (this.#ground.l2 / 2) * squares;
  }
}
