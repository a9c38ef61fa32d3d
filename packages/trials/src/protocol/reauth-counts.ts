// How often a person is asked again in their first n scored logins, when a share of the attacks is to be
// stopped: the median over people, as the field reports it (Wiefling et al.).

import { type Cases, LEGIT } from './cases.ts';
import { ascending, thresholdForRecall } from './measures.ts';

export const REAUTH_LOGINS = [4, 12, 25, 39] as const;

export interface ReauthCounts {
  tpr: number;
  /** By number of logins in the test; null where fewer than 20 people have so many. */
  median: Record<number, number | null>;
}

const FEWEST_PEOPLE = 20;

/** @param kind which attack has to be stopped */
export function countReauths(
  cases: Cases,
  scores: Float64Array,
  kind: number,
  tpr: number,
): ReauthCounts {
  const attacks: number[] = [];
  for (let at = 0; at < cases.size; at++)
    if (cases.kind[at] === kind && cases.isValidation[at] === 0 && !Number.isNaN(scores[at]!))
      attacks.push(scores[at]!);
  const threshold = thresholdForRecall(ascending(attacks), tpr);
  const asked = new Map<number, number[]>();
  for (let at = 0; at < cases.size; at++) {
    if (cases.kind[at] !== LEGIT || cases.isValidation[at] === 1) continue;
    const list = asked.get(cases.user[at]!) ?? [];
    // The count so far, after each login.
    list.push((list.at(-1) ?? 0) + (scores[at]! >= threshold ? 1 : 0));
    asked.set(cases.user[at]!, list);
  }
  const median = Object.fromEntries(
    REAUTH_LOGINS.map((logins) => {
      const counts = [...asked.values()].flatMap((list) => list[logins - 1] ?? []);
      const sorted = ascending(counts);
      const middle = sorted[Math.floor(sorted.length / 2)];
      return [logins, sorted.length < FEWEST_PEOPLE ? null : (middle ?? null)];
    }),
  );
  return { tpr, median };
}
