// Who we are to an authenticator (WebAuthn Level 3 §4, relying party): the host of the issuer. All realms
// of a host are one relying party to a browser, so that a passkey belongs to its realm is ours to check.

import { isIP } from 'node:net';
import type { RealmContext } from '../realm/realm-context.ts';

export interface RelyingParty {
  id: string;
  origin: string;
}

/** Undefined where browsers allow no passkeys: an address instead of a name. */
export function relyingParty(realm: Pick<RealmContext, 'issuer'>): RelyingParty | undefined {
  const { hostname, origin } = new URL(realm.issuer);
  const isAddress = hostname.startsWith('[') || isIP(hostname) !== 0;
  return isAddress ? undefined : { id: hostname, origin };
}
