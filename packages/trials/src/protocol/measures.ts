// What a detector is measured by. Scores of legitimate and attacking logins, higher is odder; ties are
// counted half where the measure is a rank, and never as detected where it is a threshold.

/** Sorted copy, rising. */
export function ascending(scores: Iterable<number>): Float64Array {
  return Float64Array.from(scores).sort();
}

/** The lowest threshold that at most `share` of the legitimate scores lie above. @throws never; no scores: +∞ */
export function thresholdAt(legitSorted: Float64Array, share: number): number {
  const { length } = legitSorted;
  if (length === 0) return Number.POSITIVE_INFINITY;
  return legitSorted[Math.max(0, length - 1 - Math.floor(share * length))]!;
}

/** Share of scores above the threshold; NaN for none. */
export function shareAbove(sorted: Float64Array, threshold: number): number {
  return (sorted.length - countUpTo(sorted, threshold)) / sorted.length;
}

/** How many are at most `value`. */
export function countUpTo(sorted: Float64Array, value: number): number {
  let from = 0;
  for (let to = sorted.length; from < to; ) {
    const middle = (from + to) >> 1;
    if (sorted[middle]! > value) to = middle;
    else from = middle + 1;
  }
  return from;
}

function countBelow(sorted: Float64Array, value: number): number {
  let from = 0;
  for (let to = sorted.length; from < to; ) {
    const middle = (from + to) >> 1;
    if (sorted[middle]! >= value) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** P(an attack scores higher than a legitimate login), ties half. */
export function areaUnderCurve(legitSorted: Float64Array, attacks: Float64Array): number {
  let wins = 0;
  for (const score of attacks)
    wins += (countBelow(legitSorted, score) + countUpTo(legitSorted, score)) / 2;
  return wins / (legitSorted.length * attacks.length);
}

/** The highest threshold at or above which `share` of the attacks lie: what is needed to stop so many. */
export function thresholdForRecall(attacksSorted: Float64Array, share: number): number {
  if (attacksSorted.length === 0) return Number.POSITIVE_INFINITY;
  return attacksSorted[Math.floor((1 - share) * attacksSorted.length)]!;
}

/** Of what is flagged, how much is an attack, when one login in 1/prevalence is one. */
export function precisionAt(prevalence: number, recall: number, falsePositives: number): number {
  const found = prevalence * recall;
  const wrong = (1 - prevalence) * falsePositives;
  return found + wrong === 0 ? 0 : found / (found + wrong);
}
