// Why an act scored as it did: at most three reasons, found by asking what it would have scored without
// each, and what would have kept it below medium.

import type { Detection, Reason } from '../assess/assessment.ts';
import type { ActFacts, Explained, Scored } from '../assess/risk-engine.ts';
import type { RiskInput } from '../input/risk-input.ts';
import { sayReason } from './say-reason.ts';
import {
  type Amounts,
  amountsOf,
  findSuspects,
  makeFamiliar,
  SUSPECT_WORDS,
  type Suspect,
} from './suspects.ts';

const MOST_REASONS = 3;
/** Below this there is nothing to explain: one legitimate act in ten has more. */
const LEAST_SCORE = 25;
/** Less than this is no reason. */
const LEAST_DROP = 0.5;

interface Found {
  suspect: Suspect;
  drop: number;
  /** The score with this and all before it made familiar. */
  left: Scored;
}

export function explainAct(
  input: RiskInput,
  scored: Scored,
  detections: readonly Detection[],
  act: ActFacts,
): Explained {
  if (scored.score < LEAST_SCORE) return { reasons: [] };
  // Tokens of a machine at low risk come by the thousand, and nobody asks why one was ordinary.
  if (scored.level === 'low' && input.subjectKind !== 'person') return { reasons: [] };
  const amounts = amountsOf(scored);
  const suspects = findSuspects(amounts, detections, act);
  const alarmed = scored.level !== 'low' && act.rescore !== undefined;
  const found = alarmed
    ? findByRescoring(suspects, scored, amounts, act)
    : findByContribution(suspects, scored, amounts);
  const sum = found.reduce((total, { drop }) => total + drop, 0);
  const weightiest = [...found].sort((a, b) => b.drop - a.drop);
  const reasons = weightiest.map(
    ({ suspect, drop }): Reason => ({
      ...sayReason(suspect, amounts, act),
      share: sum > 0 ? drop / sum : 1 / found.length,
    }),
  );
  const counterfactual = alarmed ? sayCounterfactual(found) : undefined;
  return counterfactual === undefined ? { reasons } : { reasons, counterfactual };
}

/** Greedily: whoever's absence lowers the score most, then whoever's beside it. */
function findByRescoring(
  suspects: Suspect[],
  scored: Scored,
  amounts: Amounts,
  act: ActFacts,
): Found[] {
  const found: Found[] = [];
  const weight = ({ groups }: Suspect) =>
    groups.reduce((sum, group) => sum + (amounts.get(group) ?? 0), 0);
  const rest = suspects.sort((a, b) => weight(b) - weight(a));
  let score = scored.score;
  while (found.length < MOST_REASONS && rest.length > 0) {
    let best: { at: number; left: Scored } | undefined;
    for (let at = 0; at < rest.length; at++) {
      const together = [...found.map(({ suspect }) => suspect), rest[at]!];
      const { input, without } = makeFamiliar(together, act);
      const left = act.rescore!(input, without);
      if (best === undefined || left.score < best.left.score) best = { at, left };
    }
    const drop = score - best!.left.score;
    const stillAlarming = (found.at(-1)?.left ?? scored).level !== 'low';
    // Two that each suffice hide each other: as long as it alarms, the weightiest is named all the same.
    if (drop < LEAST_DROP && !stillAlarming) break;
    const [suspect] = rest.splice(best!.at, 1);
    found.push({ suspect: suspect!, drop: Math.max(drop, 0), left: best!.left });
    score = Math.min(score, best!.left.score);
  }
  return found;
}

function findByContribution(
  suspects: readonly Suspect[],
  scored: Scored,
  amounts: Amounts,
): Found[] {
  return suspects
    .map((suspect) => ({
      suspect,
      drop: suspect.detection
        ? -Math.log10(suspect.detection.tail)
        : suspect.groups.reduce((sum, group) => sum + (amounts.get(group) ?? 0), 0),
      left: scored,
    }))
    .filter(({ drop }) => drop > 0)
    .sort((a, b) => b.drop - a.drop)
    .slice(0, MOST_REASONS);
}

function sayCounterfactual(found: readonly Found[]): string | undefined {
  const enough = found.findIndex(({ left }) => left.level === 'low');
  if (enough < 0) return undefined;
  const words = found.slice(0, enough + 1).map(({ suspect }) => SUSPECT_WORDS[suspect.name]);
  return `Below medium if ${[...new Set(words)].join(' and ')}.`;
}
