// Whom a random audit asks: labels come of what was flagged, and say nothing of what was not. A person is
// drawn for a whole day, so that who is asked and goes away gains nothing by coming again.

import { createHash } from 'node:crypto';
import type { RiskInput } from '../input/risk-input.ts';
import type { DecisionFacts } from './decide.ts';
import type { RiskPolicy } from './risk-policy.ts';

const DAY_MS = 86_400_000;

/**
 * A number in [0, 1) by person and day (UTC). The subject's key is under the tenant's, so nobody outside
 * can tell on which days a person is asked. Nothing for a machine, or for what is no sign-in.
 */
export function drawAudit(
  input: Pick<RiskInput, 'kind' | 'subjectKind' | 'subjectKey' | 'timeMs'>,
): Pick<DecisionFacts, 'draw'> {
  const { kind, subjectKind, subjectKey, timeMs } = input;
  if (kind !== 'sign_in' || subjectKind !== 'person' || subjectKey === undefined) return {};
  const day = Math.floor(timeMs / DAY_MS);
  const digest = createHash('sha256').update(`audit\0${subjectKey}\0${day}`).digest();
  return { draw: digest.readUInt32BE() / 2 ** 32 };
}

/** Of what would have been allowed, whatever its score: a higher score is never asked less. */
export function isAudited({ audit }: RiskPolicy, facts: DecisionFacts): boolean {
  if (audit === undefined || facts.draw === undefined) return false;
  if (!facts.hasFactor || facts.factorProved) return false;
  if (audit.populations?.includes(facts.population) === false) return false;
  return facts.draw < audit.share;
}
