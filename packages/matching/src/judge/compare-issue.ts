// A use that is joined, against the issue it is joined to: same person, client, network and life?

import type { Activity } from '../activity.ts';
import type { Issue } from '../issues/issue.ts';
import type { Evidence } from './judge-use.ts';
import type { Comparison, Verdict } from './judgement.ts';
import { compareNetworks, type Place, type Sameness } from './network.ts';
import { personsAgree } from './persons.ts';

export interface Join {
  outcome: 'token' | 'session';
  by: string;
  issue: Issue;
}

interface Compared {
  verdicts: Verdict[];
  notCompared: Comparison[];
}

export function compareIssue(use: Activity, join: Join, evidence: Evidence): Compared {
  const compared: Compared = { verdicts: [], notCompared: [] };
  comparePerson(use, join, compared);
  compareNetwork(use, join, evidence, compared);
  // A session is of many clients and tokens: what one of them was issued for says nothing of another.
  if (join.outcome === 'token') {
    compareClient(use, join.issue, compared);
    compareLife(use, join.issue, evidence, compared);
  }
  return compared;
}

function comparePerson({ facts }: Activity, { issue, outcome }: Join, into: Compared): void {
  const agree = issue.handedOver ? undefined : personsAgree(issue.persons, facts.persons);
  if (agree === undefined) into.notCompared.push('person');
  if (agree !== false) return;
  const what = outcome === 'token' ? 'token' : 'session';
  into.verdicts.push({
    ...{ class: 'other_person', confidence: 'high' },
    reason: `The ${what} was issued to ${issue.persons.join(', ')} and used as ${(facts.persons ?? []).join(', ')}.`,
  });
}

function compareClient({ facts }: Activity, issue: Issue, into: Compared): void {
  if (issue.client === undefined || facts.client === undefined) {
    into.notCompared.push('client');
    return;
  }
  if (issue.client === facts.client) return;
  into.verdicts.push({
    ...{ class: 'other_client', confidence: 'high' },
    reason: `The token was issued to client ${issue.client} and used by ${facts.client}.`,
  });
}

function compareLife(use: Activity, issue: Issue, evidence: Evidence, into: Compared): void {
  const { skewMs } = evidence.tolerances;
  const { timeMs, facts } = use;
  const startMs = issue.issuedMs ?? issue.timeMs;
  if (timeMs < startMs - skewMs) into.verdicts.push(outside('before it was issued', startMs));
  const endMs = issue.expiresMs;
  if (endMs === undefined && facts.tokenExpiresMs === undefined) into.notCompared.push('lifetime');
  if (endMs !== undefined && timeMs > endMs + skewMs)
    into.verdicts.push(outside('after its end', endMs));
  const { tokenIssuedMs } = facts;
  if (tokenIssuedMs === undefined || Math.abs(tokenIssuedMs - startMs) <= skewMs) return;
  into.verdicts.push({
    ...{ class: 'reused_id', confidence: 'high' },
    reason: `The id is of a token of ${moment(startMs)}; the one that was used says it is of ${moment(tokenIssuedMs)}.`,
  });
}

export function outside(how: string, boundMs: number): Verdict {
  return {
    ...{ class: 'outside_lifetime', confidence: 'high' },
    reason: `The token was used ${how}, ${moment(boundMs)}.`,
  };
}

function compareNetwork(use: Activity, join: Join, evidence: Evidence, into: Compared): void {
  const sameness = nearestNetwork(use, join, evidence);
  const { coverage, tolerances } = evidence;
  const open = !coverage.reaches(use, use.timeMs + tolerances.roamingAheadMs);
  if (sameness === 'unknown' || (sameness !== 'same' && open)) into.notCompared.push('network');
  if (sameness === 'same' || sameness === 'unknown' || open) return;
  const from = describePlace(use.facts);
  into.verdicts.push({
    class: 'other_network',
    confidence: sameness === 'other_asn' ? 'medium' : 'low',
    reason: `It was used from ${from} and issued to ${describePlace(join.issue)}; neither session nor person signed in from there around that time${sameness === 'other_asn' ? '' : '. No log names the network, only the address'}.`,
  });
}

/** Same if it is that of any issue of the session, or of the person, around that time. */
function nearestNetwork(use: Activity, { issue }: Join, { index, tolerances }: Evidence): Sameness {
  const own = compareNetworks(use.facts, issue);
  if (own === 'same' || own === 'unknown') return own;
  const fromMs = use.timeMs - tolerances.roamingBackMs;
  const toMs = use.timeMs + tolerances.roamingAheadMs;
  for (const session of issue.sessions)
    for (const other of index.bySession(session))
      if (other.timeMs >= fromMs && other.timeMs <= toMs && isSame(use.facts, other)) return 'same';
  for (const person of issue.persons)
    for (const other of index.ofPerson(person, fromMs, toMs))
      if (isSame(use.facts, other)) return 'same';
  return own;
}

function isSame(one: Place, other: Place): boolean {
  return compareNetworks(one, other) === 'same';
}

function describePlace({ ip, asn }: Place): string {
  return [ip, asn === undefined ? undefined : `AS${asn.replace(/^as/i, '')}`]
    .filter((part) => part !== undefined)
    .join(' in ');
}

function moment(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
