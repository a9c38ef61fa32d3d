// When a person logs in: how often in all, some within minutes or hours, the rest days apart and by day
// more than by night.

import type { Dice } from './dice.ts';
import type { Knobs } from './knobs.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Logins a minute by night are some 15 % of those by day (published: ~5 against ~33). */
const NIGHT_SHARE = 0.15;

/** Times in order, in milliseconds, within the world. */
export function drawTimes(dice: Dice, knobs: Knobs): number[] {
  const { gaps, days, startMs } = knobs;
  const count = drawCount(dice, knobs);
  const meanDays = gaps.daysMedian * Math.exp(gaps.daysDeviation * dice.normal());
  const steps: number[] = [];
  for (let at = 1; at < count; at++) {
    const kind = dice.uniform();
    if (kind < gaps.minutesShare) steps.push(dice.exponential(gaps.minutes * MINUTE));
    else if (kind < gaps.minutesShare + gaps.hoursShare)
      steps.push(dice.exponential(gaps.hours * HOUR));
    else steps.push(dice.exponential(meanDays * DAY));
  }
  const span = steps.reduce((sum, step) => sum + step, 0);
  // Who would live beyond the world lives faster, so that frequent people are not cut off.
  const pace = Math.min(1, (0.98 * days * DAY) / Math.max(1, span));
  let now = startMs + dice.uniform() * (days * DAY - span * pace);
  const times = [intoDay(dice, now)];
  for (const step of steps) {
    const before = times.at(-1)!;
    now += step * pace;
    const isDaysLater = step * pace > DAY;
    times.push(Math.max(before + 1000, isDaysLater ? intoDay(dice, now) : before + step * pace));
  }
  return times;
}

function drawCount(dice: Dice, { singles, logins }: Knobs): number {
  if (dice.chance(singles)) return 1;
  const drawn = Math.round(Math.exp(logins.mean + logins.deviation * dice.normal()));
  return Math.min(logins.most, Math.max(logins.fewest, drawn));
}

/** The same day, at an hour of which 8 to 20 are the likelier. */
function intoDay(dice: Dice, timeMs: number): number {
  const day = timeMs - (timeMs % DAY);
  const night = dice.chance(NIGHT_SHARE);
  const hour = night ? (20 + dice.uniform() * 12) % 24 : 8 + dice.uniform() * 12;
  return day + Math.floor(hour * HOUR);
}
