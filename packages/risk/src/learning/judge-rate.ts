// Does the share of legitimate acts that alarmed keep to its budget? Said only when the numbers are
// large enough to say it: an interval that lies outside what is tolerated, not a rate that happens to.

export interface RateVerdict {
  rate: number;
  /** Wilson interval at 99 %. */
  low: number;
  high: number;
  verdict: 'too_few' | 'within' | 'above' | 'below' | 'unsure';
}

/** Two-sided 99 %. */
const Z = 2.5758293035489004;
/** With fewer alarms than this nothing can be said about a rate. */
const FEWEST_EXPECTED = 5;

/**
 * @param alarms Legitimate acts that reached the level.
 * @param budget The share that may, in (0, 1).
 * @param tolerance How far off is still right, as a share of the budget. Default 0.2.
 */
export function judgeRate(
  alarms: number,
  acts: number,
  budget: number,
  tolerance = 0.2,
): RateVerdict {
  if (acts <= 0) return { rate: 0, low: 0, high: 1, verdict: 'too_few' };
  const { low, high } = wilson(alarms, acts);
  const rate = alarms / acts;
  const [least, most] = [budget * (1 - tolerance), budget * (1 + tolerance)];
  // So many more than allowed is said at once, however few acts there were.
  if (low > most) return { rate, low, high, verdict: 'above' };
  if (acts * budget < FEWEST_EXPECTED) return { rate, low, high, verdict: 'too_few' };
  if (high < least) return { rate, low, high, verdict: 'below' };
  const inside = rate >= least && rate <= most;
  return { rate, low, high, verdict: inside ? 'within' : 'unsure' };
}

/** Wilson 1927: holds also where the rate is near 0, and the usual interval does not. */
export function wilson(count: number, of: number): { low: number; high: number } {
  const share = Math.min(1, Math.max(0, count / of));
  const square = Z * Z;
  const middle = (share + square / (2 * of)) / (1 + square / of);
  const spread = Math.sqrt((share * (1 - share)) / of + square / (4 * of * of));
  const half = (Z / (1 + square / of)) * spread;
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
