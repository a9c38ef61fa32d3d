// What a key of a realm may sign: the narrowest scope this realm can have (controls C-05, C-07, C-08).

import type { KeyScope, SignatureAlg, TokenType } from '@countersign/keys';
import {
  isPopulation,
  isTenantName,
  type Population,
  type Realm,
  realmIssuer,
} from '@countersign/vocabulary';
import {
  defaultPolicies,
  longestTokenSeconds,
  type PopulationPolicy,
} from '../population-policy.ts';

export const SIGNATURE_ALGORITHMS: readonly SignatureAlg[] = ['ES256', 'EdDSA', 'RS256'];

const TOKEN_TYPES: TokenType[] = ['at+jwt', 'JWT', 'logout+jwt'];
/** The clock of the signer may be behind ours by this much. */
const CLOCK_SKEW_SECONDS = 60;

export interface RealmScopeParts {
  baseUrl: string;
  policies?: Partial<Record<Population, PopulationPolicy>>;
  logKeys: { receiptKey: string };
}

/** @param maxAgeSeconds from its first second, which lies a minute back, to its last */
export function scopeOfRealm(
  { baseUrl, policies, logKeys }: RealmScopeParts,
  realm: Realm,
  nowSeconds: number,
  maxAgeSeconds: number,
): KeyScope {
  const policy = policies?.[realm.population] ?? defaultPolicies[realm.population];
  const notBeforeSeconds = nowSeconds - CLOCK_SKEW_SECONDS;
  return {
    issuer: realmIssuer(baseUrl, realm),
    tenant: realm.tenant,
    population: realm.population,
    audiences: '*',
    tokenTypes: TOKEN_TYPES,
    longestLifetimeSeconds: longestTokenSeconds(policy),
    notBeforeSeconds,
    notAfterSeconds: notBeforeSeconds + maxAgeSeconds,
    requireReceiptFrom: logKeys.receiptKey,
  };
}

/** Undefined for an issuer that is no realm here. */
export function realmOfIssuer(baseUrl: string, issuer: string): Realm | undefined {
  if (!issuer.startsWith(`${baseUrl}/`)) return undefined;
  const [tenant = '', population = '', ...rest] = issuer.slice(baseUrl.length + 1).split('/');
  if (rest.length > 0 || !isTenantName(tenant) || !isPopulation(population)) return undefined;
  return { tenant, population };
}
