// The rules of docs/decisions/0029-what-joins.md once more, word by word over plain lists: what the
// quick way is held against. Reads everything for every use.

import type { Activity } from '../activity.ts';
import type { Tolerances } from '../tolerances.ts';

export interface Logs {
  issued: Activity[];
  revoked: Activity[];
  used: Activity[];
}

export interface LiteralVerdict {
  outcome: string;
  why: string | undefined;
  classes: string[];
}

const list = (value: string[] | undefined): string[] => value ?? [];
const kindOf = (id: string): string =>
  id.startsWith('key:') ? id.slice(0, 8) : (id.split(':')[0] ?? '');
const meets = (a: string[], b: string[]): boolean => a.some((each) => b.includes(each));
const differ = (a: string[], b: string[]): boolean =>
  !meets(a, b) && meets(a.map(kindOf), b.map(kindOf));

/** Of issuer and resource of one house, `microsoft-365` and `entra-sign-in`, or of an open shape. */
export function literalVerdict(use: Activity, logs: Logs, t: Tolerances): LiteralVerdict {
  const issues = logs.issued.filter(
    ({ facts }) => ['sign_in', 'token'].includes(facts.kind) && facts.outcome !== 'failure',
  );
  const { facts, timeMs } = use;
  const tokens = list(facts.tokens);
  const sessions = list(facts.sessions);
  const byToken = tokens
    .map((id) => issues.filter((each) => list(each.facts.tokens).includes(id)))
    .find((found) => found.length > 0);
  const bySession = sessions
    .map((id) => issues.filter((each) => list(each.facts.sessions).includes(id)))
    .find((found) => found.length > 0);
  const kinds = (what: 'tokens' | 'sessions'): string[] =>
    logs.issued
      .filter(({ facts: of }) => of.kind === 'sign_in' || of.kind === 'token')
      .flatMap((each) => list(each.facts[what]).map(kindOf));
  const tokenIsKnowable = tokens.some(
    (id) => kinds('tokens').includes(kindOf(id)) && !id.startsWith('key:AKIA'),
  );
  const sessionIsKnowable = sessions.some((id) => kinds('sessions').includes(kindOf(id)));
  if (byToken !== undefined) return joined('token', pick(byToken, use, t), use, logs, issues, t);
  if (tokenIsKnowable) {
    const why = gate(use, logs, issues, 'tokens', t);
    return unjoined(why === undefined ? 'unissued' : 'undecided', why, use, logs, t);
  }
  if (bySession !== undefined)
    return joined('session', pick(bySession, use, t), use, logs, issues, t);
  if (sessionIsKnowable) {
    const why = gate(use, logs, issues, 'sessions', t);
    return unjoined(why === undefined ? 'unissued' : 'undecided', why, use, logs, t);
  }
  const lasting = tokens.length > 0 && tokens.every((id) => id.startsWith('key:AKIA'));
  if (lasting && sessions.length === 0) return unjoined('unjoinable', 'lasting_key', use, logs, t);
  const weak = near(use, issues, timeMs - t.longestTokenMs, timeMs + t.skewMs).some(
    (each) => each.facts.client === undefined || each.facts.client === facts.client,
  );
  if (weak) return unjoined('weak', undefined, use, logs, t);
  if (tokens.length + sessions.length === 0)
    return unjoined('unjoinable', 'no_linkable_id', use, logs, t);
  const why = logs.issued.length === 0 ? 'no_issuer_log' : 'id_not_in_issuer_log';
  return unjoined('unjoinable', why, use, logs, t);
}

function near(use: Activity, issues: Activity[], fromMs: number, toMs: number): Activity[] {
  const holders = ({ facts }: Activity): string[] =>
    list(facts.persons).length > 0
      ? list(facts.persons)
      : [facts.client].flatMap((client) => (client === undefined ? [] : [`client:${client}`]));
  return issues.filter(
    (each) => each.timeMs >= fromMs && each.timeMs <= toMs && meets(holders(each), holders(use)),
  );
}

function pick(found: Activity[], use: Activity, t: Tolerances): Activity {
  const same = found.filter(({ facts }) => !differ(list(facts.persons), list(use.facts.persons)));
  const among = same.length > 0 ? same : found;
  const byTime = among.toSorted((a, b) => a.timeMs - b.timeMs);
  const before = byTime.filter((each) => each.timeMs <= use.timeMs + t.skewMs);
  const wanted = before.at(-1)?.timeMs ?? byTime[0]?.timeMs;
  return among.find(({ timeMs }) => timeMs === wanted) as Activity;
}

function gate(
  use: Activity,
  logs: Logs,
  issues: Activity[],
  what: 'tokens' | 'sessions',
  t: Tolerances,
): string | undefined {
  const times = logs.issued.map(({ timeMs }) => timeMs);
  const session = what === 'sessions';
  const iat = session ? undefined : use.facts.tokenIssuedMs;
  const age = session ? t.longestSessionMs : t.longestTokenMs;
  const fromMs = iat === undefined ? use.timeMs - age : iat - t.skewMs;
  const toMs = iat === undefined ? use.timeMs : iat + t.skewMs;
  const watermark = Math.max(...times) - t.latenessMs;
  if (use.timeMs > watermark || toMs > watermark) return 'after_log';
  if (use.timeMs < Math.min(...times) || fromMs < Math.min(...times)) return 'before_log';
  const holes = logs.issued.filter(
    ({ facts }) => facts.gap === 'throttled' || facts.gap === 'truncated',
  );
  if (holes.some(({ timeMs }) => timeMs >= fromMs && timeMs <= toMs)) return 'in_gap';
  const nameless = near(use, issues, fromMs, toMs + t.skewMs).some(
    ({ facts }) =>
      (list(facts[what]).length === 0 || facts.gap !== undefined) &&
      (facts.client === undefined ||
        use.facts.client === undefined ||
        facts.client === use.facts.client),
  );
  return nameless ? 'issued_without_id' : undefined;
}

function unjoined(
  outcome: string,
  why: string | undefined,
  use: Activity,
  logs: Logs,
  t: Tolerances,
): LiteralVerdict {
  const classes = alone(use, logs, t, undefined);
  if (outcome === 'unissued') classes.push('never_issued');
  return { outcome, why, classes: classes.sort() };
}

function joined(
  outcome: 'token' | 'session',
  issue: Activity,
  use: Activity,
  logs: Logs,
  issues: Activity[],
  t: Tolerances,
): LiteralVerdict {
  const classes = alone(use, logs, t, issue);
  const { facts, timeMs } = use;
  if (differ(list(issue.facts.persons), list(facts.persons))) classes.push('other_person');
  if (outcome === 'token') {
    const { client } = issue.facts;
    if (client !== undefined && facts.client !== undefined && client !== facts.client)
      classes.push('other_client');
    const startMs = issue.facts.tokenIssuedMs ?? issue.timeMs;
    const endMs = issue.facts.tokenExpiresMs;
    if (timeMs < startMs - t.skewMs || (endMs !== undefined && timeMs > endMs + t.skewMs))
      classes.push('outside_lifetime');
    if (facts.tokenIssuedMs !== undefined && Math.abs(facts.tokenIssuedMs - startMs) > t.skewMs)
      classes.push('reused_id');
  }
  const watermark = Math.max(...logs.issued.map((each) => each.timeMs)) - t.latenessMs;
  const around = issues.filter(
    (each) =>
      each.timeMs >= timeMs - t.roamingBackMs &&
      each.timeMs <= timeMs + t.roamingAheadMs &&
      (meets(list(each.facts.persons), list(issue.facts.persons)) ||
        meets(list(each.facts.sessions), list(issue.facts.sessions))),
  );
  const holed = logs.issued.some(
    (each) =>
      (each.facts.gap === 'throttled' || each.facts.gap === 'truncated') &&
      each.timeMs >= timeMs &&
      each.timeMs <= timeMs + t.roamingAheadMs,
  );
  const strange = [issue, ...around].every(({ facts: of }) => of.asn !== facts.asn);
  if (facts.asn !== undefined && strange && issue.facts.asn !== undefined)
    if (timeMs + t.roamingAheadMs <= watermark && !holed) classes.push('other_network');
  return { outcome, why: undefined, classes: [...new Set(classes)].sort() };
}

function alone(use: Activity, logs: Logs, t: Tolerances, issue: Activity | undefined): string[] {
  const { facts, timeMs } = use;
  const classes: string[] = [];
  const endMs = facts.tokenExpiresMs;
  if (endMs !== undefined && issue?.facts.tokenExpiresMs === undefined && timeMs > endMs + t.skewMs)
    classes.push('outside_lifetime');
  const persons = [...list(facts.persons), ...list(issue?.facts.persons)];
  const sessions = [...list(facts.sessions), ...list(issue?.facts.sessions)];
  const issuedMs = facts.tokenIssuedMs ?? issue?.facts.tokenIssuedMs ?? issue?.timeMs;
  const client = facts.client ?? issue?.facts.client;
  const ends = [...logs.revoked, ...logs.issued].filter(({ facts: end, timeMs: endedMs }) => {
    if (end.kind !== 'revocation' || end.outcome === 'failure') return false;
    if (timeMs <= endedMs + t.revocationMs) return false;
    if (meets(list(end.tokens), list(facts.tokens))) return true;
    if (meets(list(end.sessions), sessions)) return true;
    const named = list(end.tokens).length + list(end.sessions).length > 0;
    if (named || issuedMs === undefined || endedMs <= issuedMs) return false;
    return meets(list(end.persons), persons) && (end.client === undefined || end.client === client);
  });
  if (ends.length > 0) classes.push('after_revocation');
  return classes;
}
