// First and second derivative of the log loss, by row, as whole numbers. Sums of whole numbers are
// exact, whatever the order: so a histogram may be subtracted from another, a training gives the same
// trees on every machine, and the literal reference finds the same splits, digit for digit.

/** Digits of a derivative behind the point, unless there are so many rows that sums need the room. */
const MOST_DIGITS = 30;
/** Digits in which a double holds whole numbers exactly, less one to spare. */
const EXACT_DIGITS = 52;

export interface Slopes {
  /** By row: first derivative, then second, each times `scale` and rounded. */
  readonly pairs: Int32Array;
  readonly scale: number;
}

export function makeSlopes(rows: number, weights: Float64Array | undefined): Slopes {
  let heaviest = weights === undefined ? 1 : 0;
  for (const weight of weights ?? []) if (weight > heaviest) heaviest = weight;
  const digits = Math.min(MOST_DIGITS, EXACT_DIGITS - Math.ceil(Math.log2(rows)));
  return {
    pairs: new Int32Array(2 * rows),
    scale: 2 ** (digits - Math.ceil(Math.log2(heaviest))),
  };
}

/** Takes the derivatives at the present log-odds of each row. */
export function fillSlopes(
  { pairs, scale }: Slopes,
  scores: Float64Array,
  labels: Float64Array | Uint8Array,
  weights: Float64Array | undefined,
): void {
  for (let row = 0; row < scores.length; row += 1) {
    const weight = weights === undefined ? scale : scale * (weights[row] as number);
    const chance = 1 / (1 + Math.exp(-(scores[row] as number)));
    pairs[2 * row] = Math.round(weight * (chance - (labels[row] as number)));
    pairs[2 * row + 1] = Math.round(weight * chance * (1 - chance));
  }
}

/** Log-odds that fit the labels best when nothing else is known. */
export function firstScore(
  labels: Float64Array | Uint8Array,
  weights: Float64Array | undefined,
): number {
  let positive = 0;
  let all = 0;
  for (let row = 0; row < labels.length; row += 1) {
    const weight = weights === undefined ? 1 : (weights[row] as number);
    positive += weight * (labels[row] as number);
    all += weight;
  }
  const chance = Math.min(Math.max(positive / all, 1e-9), 1 - 1e-9);
  return Math.log(chance / (1 - chance));
}

/** Mean log loss at the present log-odds. */
export function meanLoss(
  scores: Float64Array,
  labels: Float64Array | Uint8Array,
  weights: Float64Array | undefined,
): number {
  let loss = 0;
  let all = 0;
  for (let row = 0; row < scores.length; row += 1) {
    const weight = weights === undefined ? 1 : (weights[row] as number);
    const margin = labels[row] === 1 ? (scores[row] as number) : -(scores[row] as number);
    // log(1 + e^−margin), without an exponential that overflows.
    loss += weight * (Math.log1p(Math.exp(-Math.abs(margin))) + Math.max(-margin, 0));
    all += weight;
  }
  return loss / all;
}
