// Four tell of the same keys: the house, which asks its signer; the JWKS, which is what verifiers
// believe; the log, which cannot be changed; the journal, which counts signatures. Where two of them
// do not fit, one of them is wrong or in other hands.

import { type HouseView, isShown, type WatchedKey } from './house-view.ts';
import type { JudgeLimits, LoggedKey, Look, WatchMemory } from './look.ts';
import type { Suspicion } from './suspicion.ts';

const MAY_SIGN: ReadonlySet<string> = new Set(['published', 'active']);

/** @param hashOf issuer as the log names it: lower-case hex */
export function suspectDisagreement(
  look: Look,
  before: WatchMemory['counted'],
  hashOf: (issuer: string) => string,
  limits: JudgeLimits,
): Suspicion[] {
  if (look.view === undefined) return [];
  const { keys } = look.view;
  return [
    ...suspectKeySets(keys, look, limits),
    ...suspectLog(look.view, look, hashOf, limits),
    ...suspectOmission(keys, [...(look.issuers ?? []), ...issuersOf(before)], look, hashOf, limits),
    ...keys.flatMap((key) => suspectJournal(key, before[`${key.issuer} ${key.kid}`], limits)),
  ];
}

/**
 * What the counts must not fall below, and, for a key that has ended, what they must stay at: the count
 * as of the first look that saw it ended. So these alarms do not end by being told.
 */
export function countKeys(
  keys: readonly WatchedKey[],
  before: WatchMemory['counted'],
): WatchMemory['counted'] {
  const counted = { ...before };
  for (const { issuer, kid, state, journalled } of keys) {
    const name = `${issuer} ${kid}`;
    const last = before[name];
    if (journalled === undefined || last?.ended === true) continue;
    counted[name] = {
      ended: state === 'retired' || state === 'revoked',
      journalled: Math.max(journalled, last?.journalled ?? 0),
    };
  }
  return counted;
}

function suspectKeySets(
  keys: readonly WatchedKey[],
  { keySets }: Look,
  { settleMs }: JudgeLimits,
): Suspicion[] {
  const found: Suspicion[] = [];
  for (const [issuer, shown] of keySets) {
    const own = keys.filter((key) => key.issuer === issuer);
    const about = { ground: 'jwks', issuer, patienceMs: settleMs } as const;
    if (shown === undefined) {
      const message = 'The JWKS of an issuer cannot be read.';
      found.push({ ...about, code: 'jwks_unread', severity: 'high', message, facts: {} });
      continue;
    }
    for (const key of own) {
      const { kid, state } = key;
      if (isShown(key) === shown.has(kid)) continue;
      const [code, message] = shown.has(kid)
        ? (['jwks_shows_key', `The JWKS shows a key that is ${state}.`] as const)
        : (['jwks_lacks_key', `The JWKS does not show a key that is ${state}.`] as const);
      const severity = state === 'revoked' ? 'critical' : 'high';
      found.push({ ...about, code, severity, kid, message, facts: { signer: state } });
    }
    const known = new Set(own.map(({ kid }) => kid));
    for (const kid of shown) {
      if (known.has(kid)) continue;
      const message = 'The JWKS shows a key that no signer of the house holds.';
      found.push({
        ...{ ...about, code: 'jwks_unknown_key', severity: 'critical', kid, message },
        facts: {},
      });
    }
  }
  return found;
}

function suspectLog(
  { keys, partly = [] }: HouseView,
  { logsRead, logFailure, logged }: Look,
  hashOf: (issuer: string) => string,
  { logGraceMs, settleMs }: JudgeLimits,
): Suspicion[] {
  const found: Suspicion[] = [];
  if (logFailure !== undefined) {
    found.push({
      ...{ code: 'log_unread', ground: 'answer', severity: 'high', patienceMs: logGraceMs },
      message: `The log cannot be read or not be believed: ${logFailure}`,
      facts: {},
    });
  }
  const byName = new Map(logged.map((entry) => [`${entry.issuerHash} ${entry.kid}`, entry]));
  const issuers = new Map(keys.map(({ issuer }) => [hashOf(issuer), issuer]));
  const known = new Set<string>();
  for (const key of keys) {
    const name = `${hashOf(key.issuer)} ${key.kid}`;
    known.add(name);
    const said = suspectLogged(key, byName.get(name));
    if (said === undefined) continue;
    // What is missing may come with the next checkpoint; and only who read to the end can miss it.
    const lacks = said.code === 'log_lacks_key' || said.code === 'log_lacks_end';
    if (lacks && !logsRead) continue;
    const { issuer, kid } = key;
    const patienceMs = lacks ? logGraceMs : settleMs;
    found.push({ ...said, ground: 'log', issuer, kid, patienceMs });
  }
  for (const [name, { issuerHash, kid }] of byName) {
    const issuer = issuers.get(issuerHash);
    if (issuer === undefined || known.has(name) || partly.includes(issuer)) continue;
    found.push({
      ...{ code: 'log_unknown_key', ground: 'log', severity: 'critical', issuer, kid },
      message: 'The log names a key of this issuer that no signer of the house holds.',
      facts: {},
      patienceMs: settleMs,
    });
  }
  return found;
}

/** A house that tells of none of an issuer's keys would answer every question about them with silence. */
function suspectOmission(
  keys: readonly WatchedKey[],
  expected: readonly string[],
  { logged }: Look,
  hashOf: (issuer: string) => string,
  { settleMs }: JudgeLimits,
): Suspicion[] {
  const told = new Set(keys.map(({ issuer }) => issuer));
  return [...new Set(expected)].flatMap((issuer) => {
    if (told.has(issuer)) return [];
    const hash = hashOf(issuer);
    const count = logged.filter(({ issuerHash }) => issuerHash === hash).length;
    if (count === 0) return [];
    const message = 'The log names keys of an issuer, and the house tells of none.';
    return [
      {
        ...({ code: 'log_unknown_key', ground: 'log', severity: 'critical', issuer } as const),
        ...{ message, facts: { logged: count }, patienceMs: settleMs },
      },
    ];
  });
}

function issuersOf(counted: WatchMemory['counted']): string[] {
  return Object.keys(counted).map((name) => name.slice(0, name.indexOf(' ')));
}

type Said = Pick<Suspicion, 'code' | 'severity' | 'message' | 'facts'>;

function suspectLogged(key: WatchedKey, entry: LoggedKey | undefined): Said | undefined {
  const { state, notAfterSeconds } = key;
  if (entry === undefined) {
    if (!isShown(key)) return undefined;
    const message = `No log holds the publication of a key that is ${state}.`;
    return { code: 'log_lacks_key', severity: 'critical', message, facts: { signer: state } };
  }
  const facts = { signer: state, log: entry.events.join(' ') };
  if (entry.notAfterSeconds < notAfterSeconds) {
    const message = 'A key is said to live longer than the log was told when it was published.';
    const ends = { logEndSeconds: entry.notAfterSeconds, saidEndSeconds: notAfterSeconds };
    return { code: 'key_prolonged', severity: 'critical', message, facts: { ...facts, ...ends } };
  }
  const ended = entry.events.find((event) => event === 'revoked' || event === 'retired');
  if (ended !== undefined && MAY_SIGN.has(state)) {
    const message = `The log says that a key is ${ended}, and its house says that it is ${state}.`;
    return { code: 'log_ended_key', severity: 'critical', message, facts };
  }
  if (state === 'revoked' && !entry.events.includes('revoked')) {
    const message = 'A key is revoked, and the log does not say so.';
    return { code: 'log_lacks_end', severity: 'high', message, facts };
  }
  return undefined;
}

function suspectJournal(
  { issuer, kid, state, journalled, made, sinceStart }: WatchedKey,
  before: WatchMemory['counted'][string] | undefined,
  { settleMs }: JudgeLimits,
): Suspicion[] {
  const found: Suspicion[] = [];
  const about = { ground: 'view', severity: 'critical', issuer, kid } as const;
  if (made !== undefined && sinceStart !== undefined && made > sinceStart) {
    found.push({
      ...{ ...about, code: 'journal_lacks_signature', patienceMs: settleMs },
      message: 'The custody of a key made signatures that its journal does not number.',
      facts: { made, sinceStart },
    });
  }
  if (journalled === undefined || before === undefined) return found;
  const facts = { before: before.journalled, now: journalled, signer: state };
  if (journalled < before.journalled) {
    const message = 'The journal of a key counts fewer signatures than it did: it was set back.';
    found.push({ ...about, code: 'journal_shrank', message, facts, patienceMs: 0 });
  } else if (journalled > before.journalled && before.ended) {
    const message = `A key that is ${state} has signed.`;
    found.push({ ...about, code: 'ended_key_signs', message, facts, patienceMs: 0 });
  }
  return found;
}
