// RFC 7638: the hash of the members that define a public key, in lexical order and nothing else.

import { encodeBase64url, sha256 } from '#platform';
import { utf8 } from '../bytes/join-bytes.ts';

const DEFINING: Record<string, readonly string[]> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
};

/** base64url SHA-256 thumbprint; undefined for an unknown key type or a missing member. */
export function keyThumbprint(jwk: Record<string, unknown>): string | undefined {
  const members = typeof jwk.kty === 'string' ? DEFINING[jwk.kty] : undefined;
  if (members === undefined) return undefined;
  const defining: Record<string, string> = {};
  for (const member of members) {
    const value = jwk[member];
    if (typeof value !== 'string') return undefined;
    defining[member] = value;
  }
  return encodeBase64url(sha256(utf8(JSON.stringify(defining))));
}
