// All rates of one contestant in one pass from the oddest case down, with a weight for every user: 1 for
// the figure itself, the number of times a user was drawn for a bootstrap. Cases of the same score are
// stopped together: a threshold cannot tell them apart.

import { ATTACKERS } from '../attackers/place-attacks.ts';
import { type Cases, LEGIT } from './cases.ts';

export interface Rates {
  recallAtFpr1: number;
  recallAtFpr01: number;
  /** Share of legitimate logins that are asked again so that 90 % of the attacks are stopped. */
  reauthAtTpr90: number;
  reauthAtTpr99: number;
  auc: number;
}

export const RATE_NAMES = [
  'recallAtFpr1',
  'recallAtFpr01',
  'reauthAtTpr90',
  'reauthAtTpr99',
  'auc',
] as const;

/** Kinds of attack, and that of the data itself. */
export const KINDS = ATTACKERS.length + 2;

/** Test cases from the oddest down. */
export function fromOddest(cases: Cases, scores: Float64Array): Uint32Array {
  const order: number[] = [];
  for (let at = 0; at < cases.size; at++)
    if (cases.isValidation[at] === 0 && !Number.isNaN(scores[at]!)) order.push(at);
  return Uint32Array.from(order).sort((one, other) => scores[other]! - scores[one]!);
}

export interface Point {
  fpr: number;
  /** By kind. */
  recall: Float64Array;
}

/**
 * @param weights by user; all 1 when absent
 * @param onPoint called after each group of equal scores; the point is reused
 */
export function sweep(
  cases: Cases,
  scores: Float64Array,
  order: Uint32Array,
  weights: Float64Array | undefined,
  onPoint: (point: Point) => void,
): void {
  const totals = new Float64Array(KINDS);
  for (const at of order) totals[cases.kind[at]!]! += weights?.[cases.user[at]!] ?? 1;
  const sums = new Float64Array(KINDS);
  const point: Point = { fpr: 0, recall: new Float64Array(KINDS) };
  onPoint(point);
  for (let from = 0; from < order.length; ) {
    const score = scores[order[from]!]!;
    let to = from;
    for (; to < order.length && scores[order[to]!]! === score; to++) {
      const at = order[to]!;
      sums[cases.kind[at]!]! += weights === undefined ? 1 : weights[cases.user[at]!]!;
    }
    from = to;
    point.fpr = sums[LEGIT]! / totals[LEGIT]!;
    for (let kind = 1; kind < KINDS; kind++) point.recall[kind] = sums[kind]! / totals[kind]!;
    onPoint(point);
  }
}

/** By kind of attack (index 0 is not used): the rates. */
export function ratesOf(
  cases: Cases,
  scores: Float64Array,
  order: Uint32Array,
  weights?: Float64Array,
): Rates[] {
  const rates = Array.from(
    { length: KINDS },
    (): Rates => ({
      ...{ recallAtFpr1: 0, recallAtFpr01: 0, reauthAtTpr90: 1, reauthAtTpr99: 1, auc: 0 },
    }),
  );
  const before: Point = { fpr: 0, recall: new Float64Array(KINDS) };
  sweep(cases, scores, order, weights, ({ fpr, recall }) => {
    for (let kind = 1; kind < KINDS; kind++) {
      const [rate, now, then] = [rates[kind]!, recall[kind]!, before.recall[kind]!];
      if (fpr <= 0.01) rate.recallAtFpr1 = now;
      if (fpr <= 0.001) rate.recallAtFpr01 = now;
      if (then < 0.9 && now >= 0.9) rate.reauthAtTpr90 = fpr;
      if (then < 0.99 && now >= 0.99) rate.reauthAtTpr99 = fpr;
      rate.auc += ((fpr - before.fpr) * (now + then)) / 2;
    }
    before.fpr = fpr;
    before.recall.set(recall);
  });
  return rates;
}
