// Has what legitimate acts look like moved away from what was learned? Two measures that need no labels,
// over the values of one feature or of one head's raw score.

export interface Drift {
  /** Population stability index (Siddiqi 2006): below 0.1 steady, 0.1 to 0.25 moving, above 0.25 moved. */
  psi: number;
  /** Two-sample Kolmogorov-Smirnov distance, 0 to 1. */
  ks: number;
  /** The distance is larger than chance gives once in a thousand. */
  ksSignificant: boolean;
  verdict: 'too_few' | 'steady' | 'moving' | 'moved';
}

export const DRIFT_LIMITS = { fewest: 200, bins: 10, moving: 0.1, moved: 0.25 } as const;

/** c(α) of the two-sample test at α = 0.001: sqrt(-ln(α/2) / 2). */
const KS_FACTOR = Math.sqrt(-Math.log(0.001 / 2) / 2);
/** An empty bin would make the index infinite. */
const EMPTY_SHARE = 1e-4;

/** @param reference What was learned from. @param recent What came since. Values that are no numbers are left out. */
export function measureDrift(reference: Iterable<number>, recent: Iterable<number>): Drift {
  const before = inOrder(reference);
  const now = inOrder(recent);
  if (before.length < DRIFT_LIMITS.fewest || now.length < DRIFT_LIMITS.fewest) {
    return { psi: 0, ks: 0, ksSignificant: false, verdict: 'too_few' };
  }
  const psi = stabilityIndex(before, now);
  const ks = largestDistance(before, now);
  const chance = KS_FACTOR * Math.sqrt((before.length + now.length) / (before.length * now.length));
  const ksSignificant = ks > chance;
  // A feature that is nearly always the same has an index that shouts at nothing: both must agree.
  const index = ksSignificant ? psi : 0;
  const verdict =
    index > DRIFT_LIMITS.moved ? 'moved' : index > DRIFT_LIMITS.moving ? 'moving' : 'steady';
  return { psi, ks, ksSignificant, verdict };
}

function inOrder(values: Iterable<number>): Float64Array {
  return Float64Array.from(values)
    .filter((value) => Number.isFinite(value))
    .sort();
}

/** Over the deciles of the reference; equal values fall into one bin. */
function stabilityIndex(before: Float64Array, now: Float64Array): number {
  const edges = new Set<number>();
  for (let bin = 1; bin < DRIFT_LIMITS.bins; bin++) {
    edges.add(before[Math.floor((bin * before.length) / DRIFT_LIMITS.bins)]!);
  }
  let index = 0;
  let [from, fromNow] = [0, 0];
  for (const edge of [...edges, Number.POSITIVE_INFINITY]) {
    const [to, toNow] = [countUpTo(before, edge), countUpTo(now, edge)];
    const expected = Math.max(EMPTY_SHARE, (to - from) / before.length);
    const seen = Math.max(EMPTY_SHARE, (toNow - fromNow) / now.length);
    index += (seen - expected) * Math.log(seen / expected);
    [from, fromNow] = [to, toNow];
  }
  return index;
}

/** How many are at most `edge`. */
function countUpTo(sorted: Float64Array, edge: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= edge) low = middle + 1;
    else high = middle;
  }
  return low;
}

function largestDistance(one: Float64Array, other: Float64Array): number {
  let [a, b, largest] = [0, 0, 0];
  while (a < one.length && b < other.length) {
    const value = Math.min(one[a]!, other[b]!);
    while (a < one.length && one[a]! <= value) a++;
    while (b < other.length && other[b]! <= value) b++;
    largest = Math.max(largest, Math.abs(a / one.length - b / other.length));
  }
  return largest;
}
