// Half-space trees: oddness in a stream, learned as it flows.
export interface HalfSpaceOptions {
  /** Names of the columns. */
  features: readonly string[];
  /** By column: the range in which most values lie; values outside go to its edge. */
  low: readonly number[];
  high: readonly number[];
  /** Default 25. */
  trees?: number;
  /** Default 8. */
  depth?: number;
  /** Rows of a window; a score is held against the last full one; default 250. */
  window?: number;
  seed: number;
}

export class HalfSpaceTrees {
  readonly kind = 'half-space-trees';
  readonly features: readonly string[];

  constructor(options: HalfSpaceOptions) {
    this.features = options.features;
  }

  /** False until the first window is full: there is nothing yet to hold a row against. */
  get ready(): boolean {
    throw new Error('not built yet');
  }

  /** Oddness of the row at `offset`, in (0, 1]; 0.5 while not ready. Changes nothing. */
  score(_row: Float64Array, _offset = 0): number {
    throw new Error('not built yet');
  }

  /** Counts the row; a full window takes the place of the last one. */
  update(_row: Float64Array, _offset = 0): void {
    throw new Error('not built yet');
  }
}
