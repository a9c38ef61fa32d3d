// Cuts a column into bins of about equally many rows; what is frequent has a bin of its own. A
// histogram of 255 bins loses next to nothing against all thresholds (Ke et al., LightGBM, 2017).

/**
 * The upper ends of all bins but the last, rising: a cell is in the first bin whose end it does not
 * exceed. An end is half way to the next value, so that what lies between goes to the nearer one.
 *
 * @param sorted cells of one column, rising, without NaN
 * @param most bins there may be
 */
export function findBounds(sorted: Float64Array, most: number): Float64Array {
  const { values, counts } = distinct(sorted);
  const bounds: number[] = [];
  const few = values.length <= most;
  let rowsLeft = sorted.length;
  let binsLeft = most;
  let held = 0;
  for (let index = 0; index + 1 < values.length && binsLeft > 1; index += 1) {
    held += counts[index] as number;
    const full = held * binsLeft >= rowsLeft;
    const nextIsFrequent = (counts[index + 1] as number) * binsLeft >= rowsLeft;
    if (!few && !full && !nextIsFrequent) continue;
    bounds.push(between(values[index] as number, values[index + 1] as number));
    rowsLeft -= held;
    binsLeft -= 1;
    held = 0;
  }
  return Float64Array.from(bounds);
}

function distinct(sorted: Float64Array): { values: number[]; counts: number[] } {
  const values: number[] = [];
  const counts: number[] = [];
  for (let index = 0; index < sorted.length; index += 1) {
    const value = sorted[index] as number;
    if (index > 0 && value === sorted[index - 1]) counts[counts.length - 1]! += 1;
    else {
      values.push(value);
      counts.push(1);
    }
  }
  return { values, counts };
}

/** At least `low` and below `high`, also where rounding leaves no number half way. */
function between(low: number, high: number): number {
  const middle = low / 2 + high / 2;
  return middle >= low && middle < high ? middle : low;
}
