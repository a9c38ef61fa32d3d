// Rows of numbers, the one input of everything here. A cell that is not a number (NaN) is not known;
// each learner says where such a row goes.

import { learnerRefusal } from './learner-error.ts';

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Row after row: the cell of row r and column c stands at r × columns + c. */
  readonly data: Float64Array;
}

/** Columns that any learner or model takes. */
export const MOST_COLUMNS = 512;
/** Rows that any learner takes: sums of whole numbers stay exact up to here, with digits to spare. */
export const MOST_ROWS = 2 ** 27;

/**
 * Checks what the caller made by hand; the loops behind it trust it.
 * @throws CodedError `data_invalid`
 */
export function checkMatrix({ rows, columns, data }: Matrix): void {
  const whole = Number.isInteger(rows) && Number.isInteger(columns);
  if (!whole || rows < 1 || rows > MOST_ROWS || columns < 1 || columns > MOST_COLUMNS)
    throw learnerRefusal('data_invalid', 'Give at least one row and one column, and not too many.');
  if (data.length !== rows * columns)
    throw learnerRefusal('data_invalid', 'The matrix does not hold rows × columns numbers.');
}

/**
 * Checks one label (0 or 1) and one weight (finite, not negative) a row.
 * @throws CodedError `data_invalid`
 */
export function checkLabels(
  rows: number,
  labels: Float64Array | Uint8Array,
  weights: Float64Array | undefined,
): void {
  if (labels.length !== rows || (weights !== undefined && weights.length !== rows))
    throw learnerRefusal('data_invalid', 'Give one label, and one weight if any, a row.');
  for (const label of labels)
    if (label !== 0 && label !== 1) throw learnerRefusal('data_invalid', 'A label is 0 or 1.');
  let heaviest = weights === undefined ? 1 : 0;
  for (const weight of weights ?? []) {
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY))
      throw learnerRefusal('data_invalid', 'A weight is a finite number and not negative.');
    heaviest = Math.max(heaviest, weight);
  }
  if (heaviest === 0) throw learnerRefusal('data_invalid', 'All weights are 0: no row counts.');
}
