// What both platforms agree on: the three algorithms, the imported key, and which public JWKs may
// be imported at all (RFC 7518 §3.1 and §6, RFC 8037 §2).

import { decodeBase64urlPortable } from '../bytes/base64-portable.ts';
import { FormatError } from '../format-error.ts';
import type { SignatureAlgorithm } from '../ports.ts';

/** A public key that may verify one algorithm and nothing else. Opaque outside the platform. */
export interface VerificationKey {
  readonly alg: SignatureAlgorithm;
  /** KeyObject on Node, CryptoKey elsewhere. */
  readonly native: unknown;
  /** The 32 raw bytes, for Ed25519 only: for an injected implementation such as libsodium. */
  readonly ed25519: Uint8Array | undefined;
}

/** Verifies Ed25519 (RFC 8032) in place of the platform, for example with libsodium. */
export type Ed25519Verify = (
  publicKey: Uint8Array,
  data: Uint8Array,
  signature: Uint8Array,
) => boolean;

/** Signature bytes of the two algorithms of fixed length. */
export const ECDSA_SIGNATURE_BYTES = 64;
export const ED25519_SIGNATURE_BYTES = 64;
/** Sizes of ML-DSA-44 (FIPS 204 §4, table 2). */
export const MLDSA44_KEY_BYTES = 1312;
export const MLDSA44_SIGNATURE_BYTES = 2420;
/** SubjectPublicKeyInfo of ML-DSA-44 up to the key itself (RFC 9881 §2). */
export const MLDSA44_SPKI_PREFIX = Uint8Array.from([
  0x30, 0x82, 0x05, 0x32, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03,
  0x11, 0x03, 0x82, 0x05, 0x21, 0x00,
]);
/** Shorter RSA moduli are refused (NIST SP 800-57: 112-bit security); longer waste our time. */
export const RSA_BITS = { least: 2048, most: 8192 } as const;

/**
 * The members of a public JWK that define its key, checked against the one algorithm it is for.
 * @throws FormatError `key_malformed` for another key type or curve, a wrong size, private members
 */
export function publicJwkMembers(jwk: JsonWebKey, alg: SignatureAlgorithm): JsonWebKey {
  if (jwk.d !== undefined || jwk.p !== undefined || jwk.k !== undefined) {
    throw new FormatError('key_malformed', 'A private or symmetric key is not a verification key.');
  }
  if (alg === 'ES256' && jwk.kty === 'EC' && jwk.crv === 'P-256') {
    if (sized(jwk.x, 32) && sized(jwk.y, 32)) {
      return { kty: 'EC', crv: 'P-256', x: jwk.x, y: jwk.y };
    }
  } else if (alg === 'EdDSA' && jwk.kty === 'OKP' && jwk.crv === 'Ed25519') {
    if (sized(jwk.x, 32)) return { kty: 'OKP', crv: 'Ed25519', x: jwk.x };
  } else if (alg === 'RS256' && jwk.kty === 'RSA') {
    if (strongModulus(jwk.n) && soundExponent(jwk.e)) return { kty: 'RSA', n: jwk.n, e: jwk.e };
  }
  throw new FormatError('key_malformed', `The JWK is not a sound public key for ${alg}.`);
}

function sized(text: string | undefined, size: number): text is string {
  return text !== undefined && decodeBase64urlPortable(text)?.length === size;
}

function strongModulus(text: string | undefined): text is string {
  const bytes = text === undefined ? undefined : decodeBase64urlPortable(text);
  const first = bytes?.[0];
  if (bytes === undefined || first === undefined || first === 0) return false;
  const bits = bytes.length * 8 - Math.clz32(first) + 24;
  return bits >= RSA_BITS.least && bits <= RSA_BITS.most;
}

function soundExponent(text: string | undefined): text is string {
  const bytes = text === undefined ? undefined : decodeBase64urlPortable(text);
  const last = bytes?.at(-1);
  if (bytes === undefined || last === undefined || bytes.length > 8) return false;
  // An exponent of 1 makes every signature good; an even one is no exponent.
  return last % 2 === 1 && !(bytes.length === 1 && last < 3);
}
