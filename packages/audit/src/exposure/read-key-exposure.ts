// Goes through the tokens of a key once, in small steps: a ledger of millions must not keep the road
// of tokens waiting while somebody reads a report. Nothing is stored but what the ledger has anyhow.

import { setImmediate as otherWork } from 'node:timers/promises';
import { parseRealmId, type RealmId, toSeconds } from '@countersign/vocabulary';
import { sql } from 'kysely';
import type { AuditRoom } from '../store/audit-room.ts';
import type { NamedTokens } from './key-exposure.ts';
import { type Bounded, type Distinct, type KeyExposure, MOST_NAMED } from './key-exposure.ts';
import { readResourceServers } from './read-resource-servers.ts';

/** Key numbers looked at in one go: some ten milliseconds. */
const NUMBERS_AT_ONCE = 4000;
/** Names remembered to count how many differ; a Set of so many takes some 50 MB while the report is made. */
const MOST_DISTINCT = 500_000;

export async function readKeyExposure(room: AuditRoom, kid: string): Promise<KeyExposure> {
  const atSeconds = toSeconds(room.clock.nowMs());
  const sum = new ExposureSum();
  const numbers = await readNumbers(room, kid);
  for (let from = numbers.first; from <= numbers.last; from += NUMBERS_AT_ONCE) {
    const step = { kid, from, to: from + NUMBERS_AT_ONCE, atSeconds };
    for (const group of await readGroups(room, step)) sum.addGroup(group);
    for (const { subject } of await readSubjects(room, step)) sum.subjects.add(subject);
    for (const root of await readRoots(room, step)) {
      sum.sessions.add(root.root_auth_id);
      if (root.live === 1) sum.liveSessions.add(root.root_auth_id);
    }
    await otherWork();
  }
  return {
    kid,
    atSeconds,
    ...sum.describe(),
    liveRevoked: await countLiveRevoked(room, kid, atSeconds),
    ...(await readResourceServers(room, kid)),
  };
}

async function readNumbers(room: AuditRoom, kid: string): Promise<{ first: number; last: number }> {
  const edge = (order: 'asc' | 'desc') =>
    room.store.read
      .selectFrom('issued_token')
      .select('key_number')
      .where('kid', '=', kid)
      .orderBy('key_number', order)
      .limit(1)
      .executeTakeFirst();
  return {
    first: (await edge('asc'))?.key_number ?? 1,
    last: (await edge('desc'))?.key_number ?? 0,
  };
}

interface Step {
  kid: string;
  from: number;
  to: number;
  atSeconds: number;
}

type Group = Awaited<ReturnType<typeof readGroups>>[number];

function tokensOf(room: AuditRoom, { kid, from, to }: Step) {
  return room.store.read
    .selectFrom('issued_token')
    .where('kid', '=', kid)
    .where('key_number', '>=', from)
    .where('key_number', '<', to);
}

function readGroups(room: AuditRoom, step: Step) {
  return tokensOf(room, step)
    .select(({ fn }) => [
      ...(['realm', 'issuer', 'audience', 'client_id'] as const),
      fn.countAll<number>().as('tokens'),
      sql<number>`sum(expires_at_seconds > ${step.atSeconds})`.as('live'),
      fn.min('issued_at_seconds').as('first_seconds'),
      fn.max('issued_at_seconds').as('last_seconds'),
      fn.max('expires_at_seconds').as('expiry_seconds'),
    ])
    .groupBy(['realm', 'issuer', 'audience', 'client_id'])
    .execute();
}

function readSubjects(room: AuditRoom, step: Step) {
  return tokensOf(room, step)
    .select('subject')
    .distinct()
    .where('subject', 'is not', null)
    .$narrowType<{ subject: string }>()
    .execute();
}

function readRoots(room: AuditRoom, step: Step) {
  return tokensOf(room, step)
    .select(['root_auth_id', sql<number>`max(expires_at_seconds > ${step.atSeconds})`.as('live')])
    .groupBy('root_auth_id')
    .execute();
}

async function countLiveRevoked(room: AuditRoom, kid: string, atSeconds: number): Promise<number> {
  const { revoked } = await room.store.read
    .selectFrom('revoked_token as r')
    .innerJoin('issued_token as t', 't.log_index', 'r.log_index')
    .select(({ fn }) => fn.countAll<number>().as('revoked'))
    .where('r.expires_at_seconds', '>', atSeconds)
    .where('t.kid', '=', kid)
    .executeTakeFirstOrThrow();
  return Number(revoked);
}

class DistinctNames {
  readonly #names = new Set<string>();
  #full = false;

  add(name: string): void {
    if (this.#names.size < MOST_DISTINCT) this.#names.add(name);
    else this.#full ||= !this.#names.has(name);
  }

  describe(): Distinct {
    return { count: this.#names.size, atLeast: this.#full };
  }
}

class ExposureSum {
  readonly subjects = new DistinctNames();
  readonly sessions = new DistinctNames();
  readonly liveSessions = new DistinctNames();
  readonly #issuers = new Set<string>();
  readonly #tenants = new Map<string, NamedTokens>();
  readonly #audiences = new Map<string, NamedTokens>();
  readonly #clients = new Map<string, NamedTokens>();
  #tokens = 0;
  #live = 0;
  #first: number | undefined;
  #last: number | undefined;
  #expiry: number | undefined;

  addGroup(group: Group): void {
    this.#tokens += group.tokens;
    this.#live += group.live;
    this.#issuers.add(group.issuer);
    count(this.#tenants, parseRealmId(group.realm as RealmId).tenant, group);
    for (const audience of JSON.parse(group.audience)) count(this.#audiences, audience, group);
    if (group.client_id !== null) count(this.#clients, group.client_id, group);
    this.#first = Math.min(this.#first ?? group.first_seconds, group.first_seconds);
    this.#last = Math.max(this.#last ?? group.last_seconds, group.last_seconds);
    this.#expiry = Math.max(this.#expiry ?? group.expiry_seconds, group.expiry_seconds);
  }

  describe() {
    return {
      issuers: [...this.#issuers].sort(),
      tokens: this.#tokens,
      live: this.#live,
      firstIssuedSeconds: this.#first,
      lastIssuedSeconds: this.#last,
      lastExpirySeconds: this.#expiry,
      tenants: bounded(this.#tenants),
      audiences: bounded(this.#audiences),
      clients: bounded(this.#clients),
      subjects: this.subjects.describe(),
      sessions: this.sessions.describe(),
      liveSessions: this.liveSessions.describe(),
    };
  }
}

function count(
  names: Map<string, NamedTokens>,
  name: string,
  { tokens, live }: { tokens: number; live: number },
): void {
  const known = names.get(name);
  if (known === undefined) names.set(name, { name, tokens, live });
  else {
    known.tokens += tokens;
    known.live += live;
  }
}

function bounded(names: ReadonlyMap<string, NamedTokens>): Bounded<NamedTokens> {
  const all = [...names.values()].sort((a, b) => b.tokens - a.tokens || (a.name < b.name ? -1 : 1));
  return { list: all.slice(0, MOST_NAMED), more: Math.max(0, all.length - MOST_NAMED) };
}
