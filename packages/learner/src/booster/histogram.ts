// Histograms of a leaf: by column and bin, the sums of both derivatives and the count of rows. Nearly
// all of a training is spent in this loop. The child with more rows is not counted: it is what its
// parent has and its sibling has not (Ke et al. 2017).

import type { BinnedColumn } from './bin-columns.ts';

/** Bins that each column has room for: its own, and that of missing cells. */
export const BIN_ROOM = 256;

/** Of column c and bin b: entry 256 c + b. */
export interface Histogram {
  /** By entry: first derivative, then second. */
  readonly sums: Float64Array;
  /** By entry: rows. Apart from the sums: three numbers in a row would be twice as slow. */
  readonly counts: Uint32Array;
}

export function makeHistogram(columns: number): Histogram {
  return {
    sums: new Float64Array(2 * BIN_ROOM * columns),
    counts: new Uint32Array(BIN_ROOM * columns),
  };
}

export class HistogramFiller {
  readonly #columns: readonly BinnedColumn[];
  /** Derivatives of the rows of one leaf, in a row. */
  readonly #gathered: Int32Array;

  /** @param rows most that a leaf has */
  constructor(columns: readonly BinnedColumn[], rows: number) {
    this.#columns = columns;
    this.#gathered = new Int32Array(2 * rows);
  }

  /**
   * @param rows of the leaf, rising
   * @param pairs both derivatives, by row
   * @param used by column: 1 when this tree may split it; others stay empty
   */
  fill(histogram: Histogram, rows: Uint32Array, pairs: Int32Array, used: Uint8Array): void {
    const gathered = this.#gathered;
    for (let index = 0; index < rows.length; index += 1) {
      const row = rows[index] as number;
      gathered[2 * index] = pairs[2 * row] as number;
      gathered[2 * index + 1] = pairs[2 * row + 1] as number;
    }
    histogram.sums.fill(0);
    histogram.counts.fill(0);
    const wanted = [...used.keys()].filter((column) => used[column] === 1);
    const binsOf = (column: number): Uint8Array => this.#columns[column]!.bins;
    let index = 0;
    for (; index + 4 <= wanted.length; index += 4) {
      const four = wanted.slice(index, index + 4) as Four<number>;
      countFour(histogram, four, four.map(binsOf) as Four<Uint8Array>, rows, gathered);
    }
    for (const column of wanted.slice(index))
      countOne(histogram, column, binsOf(column), rows, gathered);
  }
}

type Four<Each> = [Each, Each, Each, Each];

/**
 * Four columns at once: a row and its derivatives are read for all of them, and while one column
 * waits for its last sum to be written (rows like to fall into the same bin) the others go on.
 */
function countFour(
  { sums, counts }: Histogram,
  [columnA, columnB, columnC, columnD]: Four<number>,
  [binsA, binsB, binsC, binsD]: Four<Uint8Array>,
  rows: Uint32Array,
  gathered: Int32Array,
): void {
  const startA = BIN_ROOM * columnA;
  const startB = BIN_ROOM * columnB;
  const startC = BIN_ROOM * columnC;
  const startD = BIN_ROOM * columnD;
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index] as number;
    const slope = gathered[2 * index] as number;
    const curve = gathered[2 * index + 1] as number;
    const a = startA + (binsA[row] as number);
    const b = startB + (binsB[row] as number);
    const c = startC + (binsC[row] as number);
    const d = startD + (binsD[row] as number);
    sums[2 * a] = (sums[2 * a] as number) + slope;
    sums[2 * a + 1] = (sums[2 * a + 1] as number) + curve;
    counts[a] = (counts[a] as number) + 1;
    sums[2 * b] = (sums[2 * b] as number) + slope;
    sums[2 * b + 1] = (sums[2 * b + 1] as number) + curve;
    counts[b] = (counts[b] as number) + 1;
    sums[2 * c] = (sums[2 * c] as number) + slope;
    sums[2 * c + 1] = (sums[2 * c + 1] as number) + curve;
    counts[c] = (counts[c] as number) + 1;
    sums[2 * d] = (sums[2 * d] as number) + slope;
    sums[2 * d + 1] = (sums[2 * d + 1] as number) + curve;
    counts[d] = (counts[d] as number) + 1;
  }
}

function countOne(
  { sums, counts }: Histogram,
  column: number,
  bins: Uint8Array,
  rows: Uint32Array,
  gathered: Int32Array,
): void {
  const start = BIN_ROOM * column;
  for (let index = 0; index < rows.length; index += 1) {
    const at = start + (bins[rows[index] as number] as number);
    sums[2 * at] = (sums[2 * at] as number) + (gathered[2 * index] as number);
    sums[2 * at + 1] = (sums[2 * at + 1] as number) + (gathered[2 * index + 1] as number);
    counts[at] = (counts[at] as number) + 1;
  }
}

/** Leaves in `whole` what is not in `part`. */
export function subtractHistogram(whole: Histogram, part: Histogram): void {
  for (let at = 0; at < whole.counts.length; at += 1) {
    whole.counts[at] = (whole.counts[at] as number) - (part.counts[at] as number);
    whole.sums[2 * at] = (whole.sums[2 * at] as number) - (part.sums[2 * at] as number);
    whole.sums[2 * at + 1] = (whole.sums[2 * at + 1] as number) - (part.sums[2 * at + 1] as number);
  }
}
