// One use against all that the issuer handed out. Token id before session id before person, client and
// time; the last joins and never accuses (docs/decisions/0029-what-joins.md).

import { type Activity, isLasting } from '../activity.ts';
import type { Issue } from '../issues/issue.ts';
import { holdersOf, type IssueIndex } from '../issues/issue-index.ts';
import { type IssuerCoverage, issueWindow } from '../issues/issuer-coverage.ts';
import type { Revocations } from '../issues/revocations.ts';
import type { Tolerances } from '../tolerances.ts';
import { compareAlone } from './compare-alone.ts';
import { compareIssue } from './compare-issue.ts';
import type { Judgement, Undecided, Verdict } from './judgement.ts';
import { personsAgree } from './persons.ts';

export interface Evidence {
  index: IssueIndex;
  coverage: IssuerCoverage;
  revocations: Revocations;
  tolerances: Tolerances;
}

export function judgeUse(use: Activity, evidence: Evidence): Judgement {
  const { index } = evidence;
  const { tokens = [], sessions = [] } = use.facts;
  for (const id of tokens) {
    const issue = pickIssue(index.byToken(id), use, evidence.tolerances);
    if (issue !== undefined) return joined(use, evidence, { outcome: 'token', by: id, issue });
  }
  const session = sessions.find((id) => index.bySession(id).length > 0);
  const token = tokens.find((id) => knows(evidence, 'token', use, id));
  if (token !== undefined) return unknownToken(use, evidence, token, session);
  if (session !== undefined) {
    const issue = pickIssue(index.bySession(session), use, evidence.tolerances);
    if (issue !== undefined)
      return joined(use, evidence, { outcome: 'session', by: session, issue });
  }
  const strange = sessions.find((id) => knows(evidence, 'session', use, id));
  if (strange !== undefined) return unknownSession(use, evidence, strange);
  return unknownIds(use, evidence);
}

function knows({ coverage }: Evidence, what: 'token' | 'session', use: Activity, id: string) {
  return coverage.knowsKind(what, use.source, id);
}

function joined(
  use: Activity,
  evidence: Evidence,
  join: { outcome: 'token' | 'session'; by: string; issue: Issue },
): Judgement {
  const { verdicts, notCompared } = compareIssue(use, join, evidence);
  return {
    ...join,
    verdicts: [...verdicts, ...compareAlone(use, evidence, join.issue)],
    notCompared,
  };
}

/** The issuer writes such ids down, and this one is not among them. */
function unknownToken(
  use: Activity,
  evidence: Evidence,
  by: string,
  session: string | undefined,
): Judgement {
  const why = gate(use, evidence, 'token');
  const alone = compareAlone(use, evidence);
  if (why !== undefined) return { outcome: 'undecided', why, by, verdicts: alone, notCompared: [] };
  const vouched =
    session !== undefined &&
    evidence.index
      .bySession(session)
      .some(({ persons }) => personsAgree(persons, use.facts.persons) !== false);
  const verdict: Verdict = vouched
    ? {
        ...{ class: 'never_issued', confidence: 'medium' },
        reason:
          'The issuer’s log covers the time and has no such token. Its session is there: a record that the issuer lost would explain it.',
      }
    : {
        ...{ class: 'never_issued', confidence: 'high' },
        reason: 'The issuer’s log covers the time and has neither this token nor its session.',
      };
  return { outcome: 'unissued', by, verdicts: [verdict, ...alone], notCompared: [] };
}

function unknownSession(use: Activity, evidence: Evidence, by: string): Judgement {
  const why = gate(use, evidence, 'session');
  const alone = compareAlone(use, evidence);
  if (why !== undefined) return { outcome: 'undecided', why, by, verdicts: alone, notCompared: [] };
  const verdict: Verdict = {
    ...{ class: 'never_issued', confidence: 'medium' },
    reason:
      'The issuer’s log covers the time and has no such session. The record names no token, so this rests on the session alone.',
  };
  return { outcome: 'unissued', by, verdicts: [verdict, ...alone], notCompared: [] };
}

function unknownIds(use: Activity, evidence: Evidence): Judgement {
  const { facts } = use;
  const alone = { verdicts: compareAlone(use, evidence), notCompared: [] };
  const ids = [...(facts.tokens ?? []), ...(facts.sessions ?? [])];
  // Whoever has such a key needs no sign-in: none of that person's says anything about it.
  if (ids.length > 0 && ids.every(isLasting))
    return { outcome: 'unjoinable', why: 'lasting_key', ...alone };
  const { longestTokenMs, skewMs } = evidence.tolerances;
  const weak = nearbyIssues(use, evidence, use.timeMs - longestTokenMs, use.timeMs + skewMs);
  const issue = weak.find(({ client }) => client === undefined || client === facts.client);
  if (issue !== undefined) return { outcome: 'weak', issue, ...alone };
  if (ids.length === 0) return { outcome: 'unjoinable', why: 'no_linkable_id', ...alone };
  const why = evidence.coverage.gateOf(use, 'token');
  if (why === 'no_issuer_log' || why === 'other_issuer')
    return { outcome: 'unjoinable', why, ...alone };
  return { outcome: 'unjoinable', why: 'id_not_in_issuer_log', ...alone };
}

/** AWS acts for somebody with credentials of its own making; such calls come from no address. */
function isMadeInside({ source, facts }: Activity): boolean {
  return source === 'cloudtrail' && facts.ip === undefined;
}

/** Why the issuer's log may lack it honestly. */
function gate(use: Activity, evidence: Evidence, what: 'token' | 'session'): Undecided | undefined {
  if (isMadeInside(use)) return 'made_inside';
  const why = evidence.coverage.gateOf(use, what);
  if (why !== undefined) return why;
  const { fromMs, toMs } = issueWindow(use, what, evidence.tolerances);
  const latestMs = toMs + evidence.tolerances.skewMs;
  const nameless = nearbyIssues(use, evidence, fromMs, latestMs).find(
    (issue) =>
      (issue.partial || (what === 'token' ? issue.tokens : issue.sessions).length === 0) &&
      (issue.client === undefined ||
        use.facts.client === undefined ||
        issue.client === use.facts.client),
  );
  return nameless === undefined ? undefined : 'issued_without_id';
}

function nearbyIssues(use: Activity, { index }: Evidence, fromMs: number, toMs: number): Issue[] {
  return holdersOf(use.facts).flatMap((person) => [...index.ofPerson(person, fromMs, toMs)]);
}

/** An id that was issued twice: the one of the same person, and of those the last before the use. */
function pickIssue(
  issues: readonly Issue[],
  { timeMs, facts }: Activity,
  { skewMs }: Tolerances,
): Issue | undefined {
  const own = issues.filter(({ persons }) => personsAgree(persons, facts.persons) !== false);
  const among = own.length > 0 ? own : issues;
  const [first, ...rest] = among;
  if (first === undefined) return undefined;
  const before = (issue: Issue): boolean => issue.timeMs <= timeMs + skewMs;
  return rest.reduce((best, issue) => {
    if (before(issue) !== before(best)) return before(issue) ? issue : best;
    const later = issue.timeMs > best.timeMs;
    return later === before(best) && issue.timeMs !== best.timeMs ? issue : best;
  }, first);
}
