// Several tails into one: the smallest, made as much larger as its head's share of the budget asks for
// (weighted Šidák). With independent heads and shares that add up to 1, the result is exactly the share
// of legitimate acts that look this odd to any of them.

import { HEADS, type HeadName } from '../assess/assessment.ts';

/** Beside the heads' shares, which add up to 1. */
const WEAK_SHARE = 0.02;

/**
 * @param tails Of the heads that could speak; the shares of the others are spread over these.
 * @param weak Of the weak detections, 1 when none fired; undefined when they have no voice here. Its place
 *   is kept while it is silent, so that a detector that fires never makes the others count less.
 * @returns In (0, 1]; 1 when nobody spoke.
 */
export function fuseTails(
  tails: Partial<Readonly<Record<HeadName, number>>>,
  shares: Readonly<Record<HeadName, number>>,
  weak?: number,
): number {
  let sum = weak === undefined ? 0 : WEAK_SHARE;
  for (const head of HEADS) if (tails[head] !== undefined) sum += shareOf(shares, head);
  let least = weak === undefined ? 1 : corrected(weak, WEAK_SHARE / sum);
  for (const head of HEADS) {
    const tail = tails[head];
    if (tail === undefined) continue;
    least = Math.min(least, corrected(tail, shareOf(shares, head) / sum));
  }
  return least;
}

/** No head is without a share: one that nobody gave anything would otherwise be muted in silence. */
function shareOf(shares: Readonly<Record<HeadName, number>>, head: HeadName): number {
  return shares[head] > 0 ? shares[head] : 1e-6;
}

/** 1 - (1 - tail)^(1 / share), where small tails keep their digits. */
function corrected(tail: number, share: number): number {
  if (tail >= 1) return 1;
  return -Math.expm1(Math.log1p(-tail) / share);
}
