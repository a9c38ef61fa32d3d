// How sure a figure is: users are drawn with replacement, all logins of a user together, as logins of one
// person are not independent of each other (cluster bootstrap, percentile intervals).

import { Dice } from '../generator/dice.ts';
import type { Cases } from './cases.ts';
import { KINDS, RATE_NAMES, type Rates, ratesOf } from './sweep.ts';

export type Interval = readonly [low: number, high: number];
export type RateIntervals = Record<keyof Rates, Interval>;

/** @returns by kind of attack, the interval that holds 95 % of the draws */
export function bootstrapRates(
  cases: Cases,
  scores: Float64Array,
  order: Uint32Array,
  { seed, draws, users }: { seed: number; draws: number; users: number },
): RateIntervals[] {
  const dice = new Dice(seed, 0xb007);
  const present = [...new Set(Array.from(order, (at) => cases.user[at]!))];
  const weights = new Float64Array(users);
  const found: Rates[][] = [];
  for (let draw = 0; draw < draws; draw++) {
    weights.fill(0);
    for (let count = 0; count < present.length; count++)
      weights[present[dice.below(present.length)]!]! += 1;
    found.push(ratesOf(cases, scores, order, weights));
  }
  return Array.from({ length: KINDS }, (_, kind) => {
    const interval = (name: keyof Rates): Interval =>
      middle95(found.map((rates) => rates[kind]![name]));
    return Object.fromEntries(RATE_NAMES.map((name) => [name, interval(name)])) as RateIntervals;
  });
}

function middle95(values: readonly number[]): Interval {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return [at(0.025), at(0.975)];
}
