// Files of any recognised log, and lines of attempts as this product writes them, into attempts in the
// order of time. What tells of no sign-in is passed over and counted.

import type { Activity } from '@countersign/matching';
import type { SourceName } from '@countersign/sources';
import {
  type Attempt,
  isPopulation,
  type Population,
  type RealmId,
  type RequestSurroundings,
} from '@countersign/vocabulary';
import { cliError } from '../cli-error.ts';
import { isObject, type JsonObject } from '../http/read-member.ts';
import { emptyTally, type ReadTally, readActivities } from '../reconcile/read-activities.ts';
import type { CliWorld } from '../world.ts';

export interface ReadAttempts {
  /** The earliest first. */
  attempts: Attempt[];
  tally: ReadTally;
  /** Records that tell of something else than a sign-in. */
  others: number;
  /** Sign-ins that came more than once. */
  again: number;
}

export interface ReadAttemptsOptions {
  paths: readonly string[];
  /** Of sign-ins in logs that know no populations. */
  population: Population;
  source?: SourceName | undefined;
}

/** More would not fit in memory beside what is learned of them. */
const MOST_ATTEMPTS = 2_000_000;

/** @throws CodedError `wrong_use` */
export async function readAttempts(
  world: CliWorld,
  { paths, population, source }: ReadAttemptsOptions,
): Promise<ReadAttempts> {
  const read: ReadAttempts = { attempts: [], tally: emptyTally(), others: 0, again: 0 };
  const seen = new Set<string>();
  const keep = (attempt: Attempt): void => {
    // A record that stands in two files is one sign-in.
    if (seen.has(attempt.id)) {
      read.again += 1;
      return;
    }
    seen.add(attempt.id);
    if (read.attempts.length >= MOST_ATTEMPTS) {
      const message = `More than ${MOST_ATTEMPTS} sign-ins: name fewer files.`;
      throw cliError('wrong_use', message);
    }
    read.attempts.push(attempt);
  };
  const activities = readActivities(world, {
    ...{ paths, doing: 'reading sign-ins', tally: read.tally },
    ...(source === undefined ? {} : { source }),
    take: (record, at) => {
      const attempt = attemptIn(record, at) ?? ownAttempt(record);
      if (attempt !== undefined) keep(attempt);
      return attempt !== undefined;
    },
  });
  for await (const { activity } of activities) {
    const attempt = attemptOf(activity, population);
    if (attempt === undefined) read.others += 1;
    else keep(attempt);
  }
  // Sorting is stable: what happened in the same millisecond stays in the order of the files.
  read.attempts.sort((one, other) => one.timeMs - other.timeMs);
  return read;
}

const SUBJECTS = ['oid:', 'sub:', 'upn:', 'email:'];

function attemptOf(
  { at, key, timeMs, facts }: Activity,
  population: Population,
): Attempt | undefined {
  if (facts.kind !== 'sign_in' || facts.outcome === 'unknown' || timeMs === undefined) {
    return undefined;
  }
  const { persons = [] } = facts;
  const named = SUBJECTS.flatMap((kind) => persons.filter((name) => name.startsWith(kind)));
  const subject = named[0] ?? persons[0];
  const clientId = facts.app ?? facts.client;
  const { ip, userAgent, device: deviceKey } = facts;
  const surroundings: RequestSurroundings = {
    ...(ip === undefined ? {} : { ip }),
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(deviceKey === undefined ? {} : { deviceKey }),
  };
  const failed = facts.outcome === 'failure';
  return {
    ...{ id: key ?? at, kind: 'sign_in', timeMs, realm: realmOf(population), surroundings },
    ...{ subjectKind: population === 'device' ? 'device' : 'person', outcome: facts.outcome },
    ...(subject === undefined ? {} : { subject }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(failed ? { failure: subject === undefined ? 'unknown_account' : 'wrong_password' } : {}),
  };
}

function realmOf(population: Population): RealmId {
  return `logs/${population}`;
}

const KINDS: ReadonlySet<unknown> = new Set(['sign_in', 'step_up', 'refresh', 'token', 'use']);
const SUBJECT_KINDS: ReadonlySet<unknown> = new Set(['person', 'device', 'workload', 'agent']);
const FAILURES: ReadonlySet<unknown> = new Set([
  ...['wrong_password', 'unknown_account', 'too_many_attempts', 'factor_denied', 'factor_failed'],
  ...['refused', 'other'],
]);
const TEXTS = ['subject', 'clientId', 'sessionId', 'rootAuthId', 'tokenHash', 'audience', 'scope'];
const SURROUNDINGS = [
  ...['ip', 'userAgent', 'language', 'ja4', 'tls', 'dpopThumbprint', 'deviceKey'],
] as const;

/** A line in the shape of an attempt (packages/vocabulary/src/attempt.ts); undefined for anything else. */
function attemptIn(record: unknown, at: string): Attempt | undefined {
  if (!isObject(record) || !KINDS.has(record['kind']) || !isObject(record['surroundings'])) {
    return undefined;
  }
  const { timeMs, realm, outcome, id, subjectKind, failure, methods } = record;
  if (typeof timeMs !== 'number' || !Number.isSafeInteger(timeMs) || timeMs < 0) return undefined;
  if (!isRealm(realm)) return undefined;
  return {
    id: typeof id === 'string' ? id : at,
    kind: record['kind'] as Attempt['kind'],
    ...{ timeMs, realm, outcome: outcome === 'failure' ? 'failure' : 'success' },
    subjectKind: (SUBJECT_KINDS.has(subjectKind) ? subjectKind : 'person') as 'person',
    ...texts(record, TEXTS),
    ...(FAILURES.has(failure) ? { failure: failure as 'other' } : {}),
    ...(isTexts(methods) ? { methods } : {}),
    surroundings: texts(record['surroundings'], SURROUNDINGS),
  };
}

const OWN: Readonly<Record<string, Attempt['outcome']>> = {
  'session.started': 'success',
  'session.changed': 'success',
  'session.refused': 'failure',
};

/** An exported event of this product that tells of a sign-in. */
function ownAttempt(record: unknown): Attempt | undefined {
  const facts = inside(inside(record, 'unmapped'), 'countersign');
  const outcome = OWN[String(facts?.['event'])];
  const { time: timeMs } = isObject(record) ? record : {};
  const [realm, id] = [facts?.['realm'], inside(record, 'metadata')?.['uid']];
  if (outcome === undefined || !isRealm(realm) || typeof timeMs !== 'number') return undefined;
  const {
    sub: subject,
    client_id: clientId,
    reason,
  } = texts(facts ?? {}, [...['sub', 'client_id', 'reason']]);
  const { ip } = texts(inside(record, 'src_endpoint') ?? {}, ['ip']);
  const { user_agent: userAgent } = texts(inside(record, 'http_request') ?? {}, ['user_agent']);
  const failure = subject === undefined ? 'unknown_account' : 'wrong_password';
  return {
    ...{ id: String(id), kind: 'sign_in', timeMs, realm, subjectKind: 'person', outcome },
    ...(subject === undefined ? {} : { subject }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(outcome === 'success'
      ? {}
      : { failure: FAILURES.has(reason) ? (reason as 'other') : failure }),
    surroundings: {
      ...(ip === undefined ? {} : { ip }),
      ...(userAgent === undefined ? {} : { userAgent }),
    },
  };
}

function inside(object: unknown, name: string): JsonObject | undefined {
  const value = isObject(object) ? object[name] : undefined;
  return isObject(value) ? value : undefined;
}

function isRealm(realm: unknown): realm is RealmId {
  if (typeof realm !== 'string') return false;
  const [tenant = '', population = '', ...rest] = realm.split('/');
  return tenant !== '' && isPopulation(population) && rest.length === 0;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function texts(object: JsonObject, names: readonly string[]): Record<string, string> {
  const found = names.flatMap((name) => {
    const value = object[name];
    return typeof value === 'string' && value !== '' ? [[name, value] as const] : [];
  });
  return Object.fromEntries(found);
}
