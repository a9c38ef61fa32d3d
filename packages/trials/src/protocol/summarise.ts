// From cases to figures: what a report says of every contestant.

import { ATTACKERS } from '../attackers/place-attacks.ts';
import { bootstrapRates, type Interval } from './bootstrap.ts';
import type { Cases } from './cases.ts';
import { type Realised, realise } from './realised.ts';
import { countReauths, type ReauthCounts } from './reauth-counts.ts';
import { fromOddest, RATE_NAMES, type Rates, ratesOf, sweep } from './sweep.ts';

/** `takeover`: accounts that the data set itself says were taken over. */
export const ATTACK_NAMES = [...ATTACKERS, 'takeover'] as const;
export type AttackKind = (typeof ATTACK_NAMES)[number];
export type ByAttack<T> = Partial<Record<AttackKind, T>>;

export type ContestantFigures = Record<keyof Rates, ByAttack<number>> & {
  /** 95 %, users drawn with replacement. */
  intervals: Record<keyof Rates, ByAttack<Interval>>;
  /** At budgets of 1 % and 0.1 %. */
  realised: Realised[];
  reauths: ByAttack<ReauthCounts[]>;
  roc: ByAttack<RocPoint[]>;
  /** Budget asked for and realised, for the calibration plot. */
  calibration: { nominal: number; realised: number }[];
};

export type RocPoint = readonly [fpr: number, recall: number];

export interface SummaryOptions {
  seed: number;
  draws: number;
  users: number;
  deviceNames: readonly string[];
  /** Contestants whose score promises a rate by itself: the score of that rate. */
  promised: Partial<Record<string, (budget: number) => number>>;
}

export const BUDGETS = [0.01, 0.001] as const;
const NOMINAL = [0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
const TPRS = [0.9, 0.98, 0.99];
/** Enough for a curve on a logarithmic axis from 0.01 % to 100 %. */
const ROC_PER_DECADE = 24;

export function summariseContestant(
  cases: Cases,
  name: string,
  options: SummaryOptions,
): ContestantFigures {
  const scores = cases.scores[name]!;
  const order = fromOddest(cases, scores);
  const rates = ratesOf(cases, scores, order);
  const intervals = bootstrapRates(cases, scores, order, options);
  const kinds = kindsIn(cases);
  const of = <T>(pick: (kind: number) => T): ByAttack<T> =>
    Object.fromEntries(kinds.map((kind) => [ATTACK_NAMES[kind - 1], pick(kind)]));
  const figures = Object.fromEntries(
    RATE_NAMES.map((rate) => [rate, of((kind) => rates[kind]![rate])]),
  ) as Record<keyof Rates, ByAttack<number>>;
  const promise = options.promised[name];
  const realiseAt = (budget: number): Realised =>
    realise(cases, scores, budget, options.deviceNames, promise?.(budget));
  return {
    ...figures,
    intervals: Object.fromEntries(
      RATE_NAMES.map((rate) => [rate, of((kind) => intervals[kind]![rate])]),
    ) as ContestantFigures['intervals'],
    realised: BUDGETS.map(realiseAt),
    reauths: of((kind) => TPRS.map((tpr) => countReauths(cases, scores, kind, tpr))),
    roc: drawRoc(cases, scores, order, of),
    calibration: NOMINAL.map((nominal) => ({ nominal, realised: realiseAt(nominal).fpr })),
  };
}

export function kindsIn(cases: Cases): number[] {
  const kinds = new Set<number>();
  for (let at = 0; at < cases.size; at++) if (cases.kind[at]! > 0) kinds.add(cases.kind[at]!);
  return [...kinds].sort();
}

function drawRoc(
  cases: Cases,
  scores: Float64Array,
  order: Uint32Array,
  of: <T>(pick: (kind: number) => T) => ByAttack<T>,
): ByAttack<RocPoint[]> {
  const points: { fpr: number; recall: Float64Array }[] = [];
  let due = 1e-4;
  sweep(cases, scores, order, undefined, ({ fpr, recall }) => {
    if (fpr < due && fpr < 1) return;
    points.push({ fpr, recall: recall.slice() });
    while (due <= fpr) due *= 10 ** (1 / ROC_PER_DECADE);
  });
  return of((kind) =>
    points.map(({ fpr, recall }): RocPoint => [round(fpr), round(recall[kind]!)]),
  );
}

function round(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}
