// What a threshold that was set before does afterwards: the share of legitimate logins above it, of all and
// of those that might be treated worse than others. Thresholds come from legitimate logins of an earlier
// stretch, or are the contestant's own promise (the product's score has them built in).

import { countryCode } from '../logins.ts';
import { type Cases, HISTORY_BUCKETS, LEGIT } from './cases.ts';
import { ascending, precisionAt, thresholdAt } from './measures.ts';
import { KINDS } from './sweep.ts';

/** A group may be asked again so much more often than all are, before it is called a disparity. */
export const DISPARITY_CAP = 1.5;
/** Smaller groups say nothing at a rate of one in a hundred. */
const FEWEST_LOGINS = 500;

export interface GroupRate {
  group: string;
  logins: number;
  fpr: number;
  /** Times the rate of all. */
  ratio: number;
}

export interface Realised {
  /** The false-positive rate that was asked for. */
  budget: number;
  threshold: number;
  fpr: number;
  /** By kind of attack. */
  recall: number[];
  /** By prevalence of attacks, for all simulated kinds together. */
  precision: Record<'1e-4' | '1e-3', number>;
  byHistory: GroupRate[];
  byCountry: GroupRate[];
  byDevice: GroupRate[];
  byPopulation: GroupRate[];
  /** Groups of enough logins whose rate is over the cap. */
  disparities: string[];
}

/** @param promised the threshold that the contestant says has this rate; else it is set on validation logins */
export function realise(
  cases: Cases,
  scores: Float64Array,
  budget: number,
  deviceNames: readonly string[],
  promised?: number,
): Realised {
  const threshold = promised ?? validationThreshold(cases, scores, budget);
  const tally = new Map<string, { above: number; of: number }>();
  const [above, of] = [new Float64Array(KINDS), new Float64Array(KINDS)];
  for (let at = 0; at < cases.size; at++) {
    const score = scores[at]!;
    if (cases.isValidation[at] === 1 || Number.isNaN(score)) continue;
    // A promise includes its own edge: 50 is medium.
    const isAbove = promised === undefined ? score > threshold : score >= threshold;
    const kind = cases.kind[at]!;
    of[kind]! += 1;
    if (isAbove) above[kind]! += 1;
    if (kind === LEGIT)
      for (const group of groupsOf(cases, at, deviceNames)) count(tally, group, isAbove);
  }
  const share = (kind: number): number => above[kind]! / of[kind]!;
  const fpr = share(LEGIT);
  const recall = Array.from({ length: KINDS }, (_, kind) => (kind === LEGIT ? fpr : share(kind)));
  const groups = [...tally].map(
    ([group, { above: flagged, of: logins }]): GroupRate => ({
      ...{ group, logins, fpr: flagged / logins, ratio: flagged / logins / fpr },
    }),
  );
  const under = (prefix: string): GroupRate[] =>
    groups
      .filter(({ group }) => group.startsWith(prefix))
      .map((each) => ({ ...each, group: each.group.slice(prefix.length) }))
      .sort((one, other) => other.logins - one.logins);
  const attacked = sum(above.subarray(1)) / Math.max(1, sum(of.subarray(1)));
  return {
    ...{ budget, threshold, fpr, recall },
    precision: {
      '1e-4': precisionAt(1e-4, attacked, fpr),
      '1e-3': precisionAt(1e-3, attacked, fpr),
    },
    byHistory: HISTORY_BUCKETS.flatMap((name) => under('history ').filter((g) => g.group === name)),
    byCountry: under('country '),
    byDevice: under('device '),
    byPopulation: under('population '),
    disparities: groups
      .filter(({ logins, ratio }) => logins >= FEWEST_LOGINS && ratio > DISPARITY_CAP)
      .map(({ group }) => group),
  };
}

/** The threshold that legitimate logins before the test put at the budget. */
export function validationThreshold(cases: Cases, scores: Float64Array, budget: number): number {
  const legit: number[] = [];
  for (let at = 0; at < cases.size; at++) {
    const counts = cases.isValidation[at] === 1 && cases.kind[at] === LEGIT;
    if (counts && !Number.isNaN(scores[at]!)) legit.push(scores[at]!);
  }
  return thresholdAt(ascending(legit), budget);
}

function groupsOf(cases: Cases, at: number, deviceNames: readonly string[]): string[] {
  return [
    `history ${HISTORY_BUCKETS[cases.bucket[at]!]}`,
    `country ${countryCode(cases.country[at]!) || 'not known'}`,
    `device ${deviceNames[cases.device[at]!] || 'not known'}`,
    `population ${cases.population[at]}`,
  ];
}

function count(
  tally: Map<string, { above: number; of: number }>,
  group: string,
  is: boolean,
): void {
  let entry = tally.get(group);
  if (entry === undefined) {
    entry = { above: 0, of: 0 };
    tally.set(group, entry);
  }
  entry.of++;
  if (is) entry.above++;
}

function sum(values: Float64Array): number {
  return values.reduce((all, each) => all + each, 0);
}
