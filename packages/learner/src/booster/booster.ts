// A sum of trees: row in, log-odds out.
export class Booster {
  readonly kind = 'booster';
  readonly features: readonly string[];

  constructor(features: readonly string[]) {
    this.features = features;
  }

  /** Log-odds of the row that begins at `offset`; NaN cells go where each split says. */
  predict(_row: Float64Array, _offset = 0): number {
    throw new Error('not built yet');
  }

  /**
   * Splits the log-odds of the row at `offset` over its columns. `out` has one number a column and
   * the bias last; their sum is the log-odds.
   * @returns the log-odds
   */
  contribute(_row: Float64Array, _out: Float64Array, _offset = 0): number {
    throw new Error('not built yet');
  }
}
