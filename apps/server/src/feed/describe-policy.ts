// The policy document that a resource server's developer fetches once, looks at, and pins: what a
// verifier of this issuer should believe, and nothing that it will ever take from a token.

import type { Directory } from '@countersign/directory';
import type { LogPolicy, VerifierPolicy } from '@countersign/verifier';
import { CodedError, isPopulation, isTenantName, realmIssuer } from '@countersign/vocabulary';
import type { HouseLog } from '../logs/learn-logs.ts';
import { longestPolicySeconds } from './longest-lifetimes.ts';

export interface PolicyParts {
  baseUrl: string;
  /** The first log first. */
  logs: readonly Pick<HouseLog, 'origin' | 'url' | 'keys'>[];
  directory: Pick<Directory, 'tenants'>;
  /** How old a key may become: see the schedule of keys. */
  keyMaxAgeSeconds: number;
  /** Text of a tlog-policy, which holds for each log; absent when nobody is asked to witness. */
  witnesses?: string | undefined;
}

/** How old the newest feed may be before a verifier stops accepting. */
const FEED_STALE_SECONDS = 60;
/** Keys begin a minute before they are made, and clocks differ. */
const KEY_AGE_SKEW_SECONDS = 120;

/** @throws CodedError `not_found` for an issuer that is not ours */
export async function describePolicy(parts: PolicyParts, issuer: string): Promise<VerifierPolicy> {
  const { baseUrl, logs, directory } = parts;
  const [tenant = '', population = '', ...rest] = issuer.startsWith(`${baseUrl}/`)
    ? issuer.slice(baseUrl.length + 1).split('/')
    : [];
  const known =
    rest.length === 0 &&
    isTenantName(tenant) &&
    isPopulation(population) &&
    (await directory.tenants.find(tenant)) !== undefined;
  if (!known || !isPopulation(population))
    throw new CodedError('not_found', 'There is no such issuer here.');
  const [feedKey = '', ...otherKeys] = logs.map(({ keys }) => keys.feedKey);
  return {
    version: 1,
    issuers: [
      {
        issuer: realmIssuer(baseUrl, { tenant, population }),
        tenant,
        population,
        jwksUri: `${issuer}/jwks`,
        algorithms: ['ES256', 'EdDSA', 'RS256'],
        maxLifetimeSeconds: longestPolicySeconds(population),
        // Refused beyond this age whatever the JWK says (control C-01).
        keyMaxAgeSeconds: parts.keyMaxAgeSeconds + KEY_AGE_SKEW_SECONDS,
        receipts: {
          mode: 'required',
          logs: describeLogs(parts),
          startByKid: {},
          keys: 'required',
        },
      },
    ],
    feed: {
      ...{ url: `${baseUrl}/api/v1/feed`, key: feedKey, maxStaleSeconds: FEED_STALE_SECONDS },
      ...(otherKeys.length === 0 ? {} : { otherKeys }),
    },
    reports: { url: `${baseUrl}/api/v1/uses` },
  };
}

function describeLogs({ logs, witnesses }: PolicyParts): LogPolicy[] {
  return logs.map(({ origin, url, keys }) => ({
    ...{ origin, receiptKey: keys.receiptKey, checkpointKey: keys.checkpointKey, url },
    ...(witnesses === undefined ? {} : { witnesses }),
  }));
}
