// Logistic regression on standardised columns.
export class Logistic {
  readonly kind = 'logistic';
  readonly features: readonly string[];

  constructor(features: readonly string[]) {
    this.features = features;
  }

  /** Log-odds of the row that begins at `offset`; a NaN cell counts as the column's mean. */
  predict(_row: Float64Array, _offset = 0): number {
    throw new Error('not built yet');
  }

  /** Same shape as of a booster: one number a column, the bias last. Returns the log-odds. */
  contribute(_row: Float64Array, _out: Float64Array, _offset = 0): number {
    throw new Error('not built yet');
  }
}
