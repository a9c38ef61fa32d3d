// Finds private keys in raw memory from their public halves alone: for keys of others, and for ours
// when no fingerprint was exported. Thousands of times slower than fingerprints (C-11).

import { readJson } from '@countersign/verifier';
import type { Finder } from '../find.ts';
import { FEWEST_FOR_UNKNOWN, looksRandom } from './looks-random.ts';
import { malformed, type NamedKey, type Sought, soughtFor } from './match-public.ts';
import { WINDOW_BYTES } from './window-sum.ts';

const KEYS_LIMIT = 10_000;
const KID_LIMIT = 256;
/** Allocators give out memory at multiples of 8 at least, and dumps keep pages whole. */
const ALIGNMENT_BYTES = 8;

/**
 * A finder of the private halves of a JWKS: P-256 scalars and RSA primes in either order of bytes,
 * Ed25519 seeds; at multiples of 8 bytes from the start of what it is given, whole ones only.
 * @param jwks text of a JWK set (RFC 7517); a key of another kind, or without kid, is refused, since
 *   nobody would look for it
 * @throws CodedError `jwks_malformed`
 */
export function publicKeyFinder(jwks: string): Finder {
  const sought = soughtFor(readKeys(jwks));
  return {
    window: sought.reduce((most, { length }) => Math.max(most, length), WINDOW_BYTES),
    scan(bytes, from, report) {
      const first = Math.ceil(from / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
      for (let at = first; at + WINDOW_BYTES <= bytes.length; at += ALIGNMENT_BYTES) {
        if (!looksRandom(bytes, at, FEWEST_FOR_UNKNOWN)) continue;
        for (const one of sought) {
          if (at + one.length > bytes.length) continue;
          const kid = matchEitherWay(one, bytes.subarray(at, at + one.length));
          if (kid !== undefined) report(at, one.length, one.kind, one.what, kid);
        }
      }
    },
  };
}

function matchEitherWay({ match, inBothOrders }: Sought, secret: Uint8Array): string | undefined {
  return match(secret) ?? (inBothOrders ? match(secret.toReversed()) : undefined);
}

function readKeys(jwks: string): NamedKey[] {
  let set: unknown;
  try {
    set = readJson(jwks);
  } catch (cause) {
    throw malformed('is not JSON', cause);
  }
  const keys = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : undefined;
  if (!Array.isArray(keys) || keys.length > KEYS_LIMIT)
    throw malformed('has no usable list `keys`');
  return keys.map((jwk: unknown) => {
    const named: Record<string, unknown> = typeof jwk === 'object' ? { ...jwk } : {};
    const { kid } = named;
    if (typeof kid !== 'string' || kid === '' || kid.length > KID_LIMIT) {
      throw malformed('holds a key without a kid');
    }
    return { kid, jwk: named };
  });
}
