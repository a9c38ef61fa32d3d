// What speaks against a use whether it is joined or not: its token's own end, and revocations that name
// its token, its session or its person.

import type { Activity } from '../activity.ts';
import type { Issue } from '../issues/issue.ts';
import type { Ended } from '../issues/revocations.ts';
import { outside } from './compare-issue.ts';
import type { Evidence } from './judge-use.ts';
import type { Verdict } from './judgement.ts';

export function compareAlone(use: Activity, evidence: Evidence, issue?: Issue): Verdict[] {
  const { skewMs } = evidence.tolerances;
  const verdicts: Verdict[] = [];
  const endMs = use.facts.tokenExpiresMs;
  // The issuer's word for the end was asked already.
  if (endMs !== undefined && issue?.expiresMs === undefined && use.timeMs > endMs + skewMs)
    verdicts.push(outside('after its end', endMs));
  const ended = endOf(use, evidence, issue);
  if (ended !== undefined) verdicts.push(afterRevocation(ended));
  return verdicts;
}

function endOf(use: Activity, evidence: Evidence, issue: Issue | undefined): Ended | undefined {
  const { facts, timeMs } = use;
  const { revocations, tolerances } = evidence;
  const late = (ended: Ended | undefined): Ended | undefined =>
    ended !== undefined && timeMs > ended.atMs + tolerances.revocationMs ? ended : undefined;
  const sessions = [...(facts.sessions ?? []), ...(issue?.sessions ?? [])];
  const named = late(revocations.ofIds(facts.tokens ?? [], sessions));
  if (named !== undefined) return named;
  // Of a token that nobody knows the age of it cannot be said that it was about at the time.
  const issuedMs = facts.tokenIssuedMs ?? issue?.issuedMs ?? issue?.timeMs;
  if (issuedMs === undefined) return undefined;
  const persons = [...(facts.persons ?? []), ...(issue?.persons ?? [])];
  return late(revocations.ofPersons(persons, facts.client ?? issue?.client, issuedMs));
}

const ENDED = {
  token: 'The token had been revoked',
  session: 'Its session had been ended',
  person: 'All tokens and sessions of the person had been revoked',
} as const;

function afterRevocation({ by, atMs, at }: Ended): Verdict {
  return {
    class: 'after_revocation',
    confidence: by === 'person' ? 'medium' : 'high',
    reason: `${ENDED[by]} at ${new Date(atMs).toISOString()} (${at}).`,
  };
}
