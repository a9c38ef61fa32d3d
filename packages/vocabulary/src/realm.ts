// A realm is a tenant and one of its four populations. Each realm is its own OpenID issuer with
// its own keys; nothing in the product ever merges two of them (control C-07).

import { CodedError } from './coded-error.ts';

export const POPULATIONS = ['workforce', 'partner', 'customer', 'device'] as const;
export type Population = (typeof POPULATIONS)[number];

export interface Realm {
  /** Slug: a lower-case letter, then up to 62 of `a-z 0-9 -`. */
  readonly tenant: string;
  readonly population: Population;
}

/** `TENANT/POPULATION`, the form used in paths, tables and logs. */
export type RealmId = `${string}/${Population}`;

const TENANT = /^[a-z][a-z0-9-]{0,62}$/;
// Paths of the server that a tenant of that name would shadow.
const RESERVED_TENANTS: ReadonlySet<string> = new Set([
  'api',
  'log',
  'ssf',
  'console',
  'healthz',
  'readyz',
  'metrics',
  'assets',
]);

export function isTenantName(text: string): boolean {
  return TENANT.test(text) && !RESERVED_TENANTS.has(text);
}

export function isPopulation(text: string): text is Population {
  return (POPULATIONS as readonly string[]).includes(text);
}

/** Parses `TENANT/POPULATION`. @throws CodedError `bad_realm` */
export function parseRealmId(text: string): Realm {
  const [tenant = '', population = '', ...rest] = text.split('/');
  if (rest.length > 0 || !isTenantName(tenant) || !isPopulation(population)) {
    throw new CodedError(
      'bad_realm',
      'A realm is written TENANT/POPULATION, for example acme/workforce.',
    );
  }
  return { tenant, population };
}

export function realmId(realm: Realm): RealmId {
  return `${realm.tenant}/${realm.population}`;
}

/** The issuer URL of a realm: `BASE/TENANT/POPULATION`; BASE has no trailing slash. */
export function realmIssuer(baseUrl: string, realm: Realm): string {
  return `${baseUrl}/${realm.tenant}/${realm.population}`;
}
