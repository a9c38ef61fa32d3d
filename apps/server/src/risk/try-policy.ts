// What a policy would have done about what was judged: read a page at a time, so that a week of a large
// tenant is never in memory at once.

import type { KeptAct } from '@countersign/memory';
import {
  openSimulation,
  type PastAct,
  type PolicySimulation,
  type RiskPolicy,
} from '@countersign/risk';
import { parseRealmId } from '@countersign/vocabulary';
import { openTurns } from '../reading/work-turns.ts';
import type { RiskHouse } from './risk-house.ts';

const PAGE = 500;
/** Of the longest policy there may be: some milliseconds. */
const PIECE = 50;
/** About what one answer may cost; the newest are taken. */
const MOST_ACTS = 200_000;

export interface TriedPolicy extends PolicySimulation {
  /** True: there was more than is looked at, and the oldest were left out. */
  cut: boolean;
}

export async function tryPolicy(
  { memory }: Pick<RiskHouse, 'memory'>,
  tenant: string,
  policy: RiskPolicy,
  sinceMs: number,
): Promise<TriedPolicy> {
  const past: PastAct[] = [];
  let before: number | undefined;
  let more = true;
  const rest = openTurns();
  while (more && past.length < MOST_ACTS) {
    const page = await memory.acts.list({
      ...{ tenant, sinceMs, limit: PAGE },
      ...(before === undefined ? {} : { before }),
    });
    past.push(...page.flatMap(pastOf));
    before = page.at(-1)?.sequence;
    more = page.length === PAGE;
    await rest();
  }
  const simulation = openSimulation(policy);
  for (const [index, act] of past.reverse().entries()) {
    simulation.add(act);
    if (index % PIECE === 0) await rest();
  }
  return { ...simulation.end(), cut: more };
}

function pastOf(act: KeptAct): PastAct[] {
  const { id, timeMs, subject, assessment, action, facts } = act;
  if (assessment === undefined || facts === undefined) return [];
  const { score, level, state, heads } = assessment;
  const detections = assessment.detections.map(({ code }) => ({ code }));
  const tails = Object.entries(heads).map(([head, { tail }]) => [head, { tail }]);
  return [
    {
      ...{ id, timeMs, facts },
      view: { score, level, state, detections, heads: Object.fromEntries(tails) },
      // The same name in two populations is two people.
      ...(subject === undefined
        ? {}
        : { subject: `${parseRealmId(act.realm).population}/${subject}` }),
      ...(action === undefined ? {} : { done: action }),
    },
  ];
}
