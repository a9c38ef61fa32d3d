// Forward decay: an act at time t counts 2^((t - epoch) / half-life), and whatever is read is divided by
// the same power of now. Nothing has to be touched while time passes.

/** After this long an act counts half. 180 days. */
export const HALF_LIFE_SECONDS = 180 * 86_400;

/** 2^120 is safe in 32-bit floats; reached 59 years after the epoch, from where nothing decays any more. */
const MOST_DOUBLINGS = 120;

/** What an act of this second counts, in units of the epoch's. 1 at the epoch and before. */
export function growth(second: number, epochSecond: number): number {
  const doublings = (second - epochSecond) / HALF_LIFE_SECONDS;
  return doublings <= 0 ? 1 : 2 ** Math.min(doublings, MOST_DOUBLINGS);
}

const LAST_SECOND = 2 ** 32 - 1;

/** Whole seconds that fit 32 bits, whatever comes in; not a number is 0. */
export function secondsOf(timeMs: number): number {
  const second = Math.floor(timeMs / 1000);
  if (!(second > 0)) return 0;
  return Math.min(second, LAST_SECOND);
}
