// What differs between the four populations, as data: how long things live, which grants exist,
// how a proof of possession is asked for. Read by `realm/configure-realm.ts`, changed by nobody at
// run time. Lifetimes are short because a token that is out cannot be called back everywhere at
// once (control C-26: at most ten minutes without a status check).

import type { Population } from '@countersign/vocabulary';

export type GrantType =
  | 'authorization_code'
  | 'refresh_token'
  | 'client_credentials'
  | 'urn:ietf:params:oauth:grant-type:device_code';

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

export interface PopulationPolicy {
  grants: readonly GrantType[];
  /** Ceiling for access tokens; a resource server may ask for less, never for more. */
  accessTokenSeconds: number;
  idTokenSeconds: number;
  /** Each rotation starts anew, but never beyond the grant. */
  refreshTokenSeconds: number;
  /** A sign-in is over after this long, however often it was refreshed. */
  grantSeconds: number;
  sessionSeconds: number;
  interactionSeconds: number;
  deviceCodeSeconds: number;
  /** DPoP proofs must carry a nonce of ours (RFC 9449 §8). */
  dpopNonce: 'required' | 'optional';
  /** The session cookie outlives the browser window. */
  keepSession: boolean;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const LOGOUT_TOKEN_SECONDS = 120;

export const defaultPolicies: Readonly<Record<Population, PopulationPolicy>> = {
  workforce: {
    grants: ['authorization_code', 'refresh_token', 'client_credentials', DEVICE_GRANT],
    accessTokenSeconds: 10 * MINUTE,
    idTokenSeconds: 10 * MINUTE,
    refreshTokenSeconds: 12 * HOUR,
    grantSeconds: 7 * DAY,
    sessionSeconds: 12 * HOUR,
    interactionSeconds: 30 * MINUTE,
    deviceCodeSeconds: 10 * MINUTE,
    dpopNonce: 'required',
    keepSession: false,
  },
  partner: {
    grants: ['authorization_code', 'refresh_token', 'client_credentials'],
    accessTokenSeconds: 5 * MINUTE,
    idTokenSeconds: 5 * MINUTE,
    refreshTokenSeconds: 8 * HOUR,
    grantSeconds: DAY,
    sessionSeconds: 8 * HOUR,
    interactionSeconds: 30 * MINUTE,
    deviceCodeSeconds: 10 * MINUTE,
    dpopNonce: 'required',
    keepSession: false,
  },
  customer: {
    grants: ['authorization_code', 'refresh_token', 'client_credentials', DEVICE_GRANT],
    accessTokenSeconds: 10 * MINUTE,
    idTokenSeconds: 10 * MINUTE,
    refreshTokenSeconds: 30 * DAY,
    grantSeconds: 90 * DAY,
    sessionSeconds: 14 * DAY,
    interactionSeconds: HOUR,
    deviceCodeSeconds: 10 * MINUTE,
    dpopNonce: 'required',
    keepSession: true,
  },
  device: {
    grants: ['authorization_code', 'refresh_token', 'client_credentials', DEVICE_GRANT],
    accessTokenSeconds: 10 * MINUTE,
    idTokenSeconds: 10 * MINUTE,
    refreshTokenSeconds: 90 * DAY,
    grantSeconds: 365 * DAY,
    sessionSeconds: HOUR,
    interactionSeconds: 30 * MINUTE,
    deviceCodeSeconds: 15 * MINUTE,
    dpopNonce: 'required',
    keepSession: false,
  },
};

/** The longest life any token of this population may have: the signer's ceiling for its keys. */
export function longestTokenSeconds(policy: PopulationPolicy): number {
  return Math.max(policy.accessTokenSeconds, policy.idTokenSeconds, LOGOUT_TOKEN_SECONDS);
}
