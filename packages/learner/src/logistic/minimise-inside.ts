// The lowest point of a bowl inside a box: one coordinate after the other goes to its own lowest point,
// round after round (coordinate descent), which ends at the one minimum there is.

const MOST_ROUNDS = 10_000;
const STILL = 1e-14;

/**
 * @param at where the derivatives were taken
 * @param slope first derivatives
 * @param curve second derivatives, positive semidefinite, row after row
 */
export function minimiseInside(
  at: Float64Array,
  slope: Float64Array,
  curve: Float64Array,
  low: readonly number[],
  high: readonly number[],
): Float64Array {
  const size = at.length;
  const point = at.slice();
  // The slope at `point`, kept up to date with each move.
  const now = slope.slice();
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    let farthest = 0;
    for (let one = 0; one < size; one += 1) {
      const bend = curve[one * size + one] as number;
      if (!(bend > 0)) continue;
      const from = point[one] as number;
      const free = from - (now[one] as number) / bend;
      const to = Math.min(Math.max(free, low[one] as number), high[one] as number);
      const move = to - from;
      if (move === 0) continue;
      point[one] = to;
      for (let other = 0; other < size; other += 1)
        now[other] = (now[other] as number) + move * (curve[one * size + other] as number);
      farthest = Math.max(farthest, Math.abs(move));
    }
    if (farthest <= STILL) break;
  }
  return point;
}
