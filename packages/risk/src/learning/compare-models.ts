// May a challenger take the champion's place? Both judged the same acts; the challenger only looked on.
// It is let in when it is no worse: what was an attack is seen at least as often, and what was not is not
// disturbed more often. In doubt the champion stays.

import { judgeRate } from './judge-rate.ts';

/** One act that both judged. */
export interface PairedAct {
  champion: number;
  challenger: number;
  /** 1 an attack, 0 none; absent: nobody said. Unlabelled acts count as legitimate for the alarm rate. */
  label?: 0 | 1;
}

export interface Comparison {
  acts: number;
  attacks: number;
  /** Attacks that reached medium. */
  seen: { champion: number; challenger: number };
  /** Other acts that did. */
  alarms: { champion: number; challenger: number };
  release: boolean;
  /** One sentence: why, or why not. */
  why: string;
}

export const COMPARISON_LIMITS = { fewestActs: 2_000 } as const;

export function compareModels(
  acts: Iterable<PairedAct>,
  { mediumScore = 50, mediumShare = 0.01 } = {},
): Comparison {
  const sums = { acts: 0, attacks: 0 };
  const seen = { champion: 0, challenger: 0 };
  const alarms = { champion: 0, challenger: 0 };
  for (const { champion, challenger, label } of acts) {
    sums.acts += 1;
    if (label === 1) sums.attacks += 1;
    const counts = label === 1 ? seen : alarms;
    // Not a number is the highest: a model that cannot judge does not win by it.
    if (!(champion < mediumScore)) counts.champion += 1;
    if (!(challenger < mediumScore)) counts.challenger += 1;
  }
  return { ...sums, seen, alarms, ...verdictOf(sums, seen, alarms, mediumShare) };
}

function verdictOf(
  { acts, attacks }: { acts: number; attacks: number },
  seen: Comparison['seen'],
  alarms: Comparison['alarms'],
  budget: number,
): Pick<Comparison, 'release' | 'why'> {
  const no = (why: string) => ({ release: false, why });
  if (acts < COMPARISON_LIMITS.fewestActs) {
    return no(`Only ${acts} acts were judged by both; ${COMPARISON_LIMITS.fewestActs} are needed.`);
  }
  if (seen.challenger < seen.champion) {
    return no(
      `It sees ${seen.challenger} of ${attacks} attacks where ${seen.champion} are seen now.`,
    );
  }
  const rate = judgeRate(alarms.challenger, acts - attacks, budget);
  const more = alarms.challenger > alarms.champion;
  if (more && rate.verdict !== 'within') {
    return no(
      `It alarms on ${alarms.challenger} acts that are no attack; now it is ${alarms.champion}.`,
    );
  }
  const better = seen.challenger > seen.champion || alarms.challenger < alarms.champion;
  return {
    release: true,
    why: `It sees ${seen.challenger} of ${attacks} attacks and alarms ${alarms.challenger} times elsewhere: ${better ? 'better than' : 'no worse than'} now.`,
  };
}
