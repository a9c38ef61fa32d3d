// Logistic regression on standardised columns: the baseline that trees have to beat, and the stacker
// over the heads' answers.

import { learnerRefusal } from '../learner-error.ts';
import { MOST_COLUMNS } from '../matrix.ts';
import { MOST_VALUE } from '../trees/tree.ts';

/** So many standard deviations from the mean a cell counts at most. */
const FARTHEST = 1e6;

export interface LogisticNumbers {
  /** Log-odds of a row that is the mean in every column. */
  readonly intercept: number;
  /** By column: log-odds of one standard deviation. */
  readonly weights: readonly number[];
  readonly means: readonly number[];
  /** By column: its standard deviation, above 0. */
  readonly scales: readonly number[];
}

export class Logistic {
  readonly kind = 'logistic';
  /** Names of the columns, in the order of a row's cells. */
  readonly features: readonly string[];
  readonly numbers: LogisticNumbers;
  readonly #weights: Float64Array;
  readonly #means: Float64Array;
  readonly #scales: Float64Array;

  /** @throws CodedError `model_malformed` */
  constructor(features: readonly string[], numbers: LogisticNumbers) {
    const { intercept, weights, means, scales } = numbers;
    const bounded = (value: number): boolean => Math.abs(value) <= MOST_VALUE;
    const columns = features.length;
    const fits =
      columns >= 1 &&
      columns <= MOST_COLUMNS &&
      [weights, means, scales].every(({ length }) => length === columns) &&
      [intercept, ...weights].every(bounded) &&
      means.every(Number.isFinite) &&
      scales.every((scale) => scale > 0 && scale < Number.POSITIVE_INFINITY);
    if (!fits)
      throw learnerRefusal('model_malformed', 'The numbers of a logistic regression do not fit.');
    this.features = features;
    this.numbers = numbers;
    this.#weights = Float64Array.from(weights);
    this.#means = Float64Array.from(means);
    this.#scales = Float64Array.from(scales);
  }

  /** Log-odds of the row that begins at `offset`; a NaN cell counts as the column's mean. */
  predict(row: Float64Array, offset = 0): number {
    let total = this.numbers.intercept;
    for (let column = 0; column < this.#weights.length; column += 1)
      total += this.#part(column, row[offset + column] as number);
    return total;
  }

  /**
   * Splits the log-odds of the row at `offset`: `out` has one number a column and the bias last;
   * their sum is the log-odds.
   * @returns the log-odds
   */
  contribute(row: Float64Array, out: Float64Array, offset = 0): number {
    let total = this.numbers.intercept;
    for (let column = 0; column < this.#weights.length; column += 1) {
      const part = this.#part(column, row[offset + column] as number);
      out[column] = part;
      total += part;
    }
    out[this.#weights.length] = this.numbers.intercept;
    return total;
  }

  #part(column: number, cell: number): number {
    const distance = standardise(
      cell,
      this.#means[column] as number,
      this.#scales[column] as number,
    );
    return (this.#weights[column] as number) * distance;
  }
}

/** Distance from the mean in standard deviations: 0 for NaN, bounded for what is infinite. */
export function standardise(cell: number, mean: number, scale: number): number {
  if (Number.isNaN(cell)) return 0;
  return Math.min(Math.max((cell - mean) / scale, -FARTHEST), FARTHEST);
}
