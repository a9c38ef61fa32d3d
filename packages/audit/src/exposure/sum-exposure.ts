// Adds up the tokens of a key, one by one: what is named, how often, and how much of it is live.

import { parseRealmId, type RealmId } from '@countersign/vocabulary';
import type { Selectable } from 'kysely';
import type { IssuedTokenRow } from '../tables.ts';
import { type Bounded, type Distinct, MOST_NAMED, type NamedTokens } from './key-exposure.ts';

export type TokenOfKey = Pick<
  Selectable<IssuedTokenRow>,
  | 'key_number'
  | 'realm'
  | 'issuer'
  | 'audience'
  | 'client_id'
  | 'subject'
  | 'root_auth_id'
  | 'issued_at_seconds'
  | 'expires_at_seconds'
>;

/** Names remembered to count how many differ; a Set of so many takes some 50 MB while the report is made. */
const MOST_DISTINCT = 500_000;

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

/** How many tokens carry each name. A column holds one name, or a list of them. */
class NameCounts {
  readonly #names = new Map<string, NamedTokens>();
  /** What the texts of the column name: there are few, so each is taken apart once. */
  readonly #texts = new Map<string, NamedTokens[]>();
  readonly #read: (text: string) => string[];

  constructor(read: (text: string) => string[]) {
    this.#read = read;
  }

  add(text: string, isLive: boolean): void {
    let named = this.#texts.get(text);
    if (named === undefined) {
      named = this.#read(text).map((name) => this.#of(name));
      this.#texts.set(text, named);
    }
    for (const each of named) {
      each.tokens += 1;
      if (isLive) each.live += 1;
    }
  }

  describe(): Bounded<NamedTokens> {
    const all = [...this.#names.values()].sort(
      (a, b) => b.tokens - a.tokens || (a.name < b.name ? -1 : 1),
    );
    return { list: all.slice(0, MOST_NAMED), more: Math.max(0, all.length - MOST_NAMED) };
  }

  #of(name: string): NamedTokens {
    const known = this.#names.get(name) ?? { name, tokens: 0, live: 0 };
    this.#names.set(name, known);
    return known;
  }
}

export class ExposureSum {
  readonly #atSeconds: number;
  readonly #issuers = new Set<string>();
  readonly #tenants = new NameCounts((realm) => [parseRealmId(realm as RealmId).tenant]);
  readonly #audiences = new NameCounts((list) => JSON.parse(list));
  readonly #clients = new NameCounts((client) => [client]);
  readonly #subjects = new DistinctNames();
  readonly #sessions = new DistinctNames();
  readonly #liveSessions = new DistinctNames();
  #tokens = 0;
  #live = 0;
  #first: number | undefined;
  #last: number | undefined;
  #expiry: number | undefined;

  constructor(atSeconds: number) {
    this.#atSeconds = atSeconds;
  }

  add(token: TokenOfKey): void {
    const { issued_at_seconds: issued, expires_at_seconds: expires } = token;
    const isLive = expires > this.#atSeconds;
    this.#tokens += 1;
    if (isLive) this.#live += 1;
    this.#issuers.add(token.issuer);
    this.#tenants.add(token.realm, isLive);
    this.#audiences.add(token.audience, isLive);
    if (token.client_id !== null) this.#clients.add(token.client_id, isLive);
    if (token.subject !== null) this.#subjects.add(token.subject);
    this.#sessions.add(token.root_auth_id);
    if (isLive) this.#liveSessions.add(token.root_auth_id);
    if (this.#first === undefined || issued < this.#first) this.#first = issued;
    if (this.#last === undefined || issued > this.#last) this.#last = issued;
    if (this.#expiry === undefined || expires > this.#expiry) this.#expiry = expires;
  }

  describe() {
    return {
      issuers: [...this.#issuers].sort(),
      tokens: this.#tokens,
      live: this.#live,
      firstIssuedSeconds: this.#first,
      lastIssuedSeconds: this.#last,
      lastExpirySeconds: this.#expiry,
      tenants: this.#tenants.describe(),
      audiences: this.#audiences.describe(),
      clients: this.#clients.describe(),
      subjects: this.#subjects.describe(),
      sessions: this.#sessions.describe(),
      liveSessions: this.#liveSessions.describe(),
    };
  }
}
