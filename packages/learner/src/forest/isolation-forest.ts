// An isolation forest: rows that few random cuts set apart are odd.
export class IsolationForest {
  readonly kind = 'isolation-forest';
  readonly features: readonly string[];

  constructor(features: readonly string[]) {
    this.features = features;
  }

  /** Oddness of the row at `offset`, in (0, 1): about 0.5 is usual, towards 1 is odd. */
  score(_row: Float64Array, _offset = 0): number {
    throw new Error('not built yet');
  }

  /**
   * Splits the score over the columns: `out` has one number a column and the bias last, their sum
   * is log2 of the score, so a positive number made the row odder.
   * @returns the score
   */
  contribute(_row: Float64Array, _out: Float64Array, _offset = 0): number {
    throw new Error('not built yet');
  }
}
