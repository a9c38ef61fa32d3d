// What each of our algorithms is in a token: how a pair is made, how its public half is read, and what
// is handed to which mechanism to sign.

import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import type { Attribute } from 'pkcs11js';
import type { SignatureAlg } from '../scope/key-scope.ts';
import {
  CKA_EC_PARAMS,
  CKA_EC_POINT,
  CKA_MODULUS,
  CKA_MODULUS_BITS,
  CKA_PUBLIC_EXPONENT,
  CKM_EC_EDWARDS_KEY_PAIR_GEN,
  CKM_EC_KEY_PAIR_GEN,
  CKM_ECDSA,
  CKM_EDDSA,
  CKM_RSA_PKCS,
  CKM_RSA_PKCS_KEY_PAIR_GEN,
} from './constants.ts';

export interface TokenAlgorithm {
  makeMechanism: number;
  signMechanism: number;
  /** Attributes of a new public key that say which kind it is. */
  shape: Attribute[];
  /** Attributes of a public key that make it up. */
  publicParts: number[];
  /** @throws Error when the parts are no key of this kind */
  importPublic(parts: Buffer[]): KeyObject;
  /** What the mechanism signs. */
  prepare(input: Uint8Array): Buffer;
  /** No signature of it is longer. */
  signatureBytes: number;
}

/** DER of the object identifiers 1.2.840.10045.3.1.7 and 1.3.101.112. */
const P256 = Buffer.from('06082a8648ce3d030107', 'hex');
const ED25519 = Buffer.from('06032b6570', 'hex');
/** RFC 8017 §9.2, note 1: what stands before a SHA-256 hash. */
const SHA256_DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');
const RSA_BITS = 2048;

export const TOKEN_ALGORITHMS: Readonly<Record<SignatureAlg, TokenAlgorithm>> = {
  ES256: {
    makeMechanism: CKM_EC_KEY_PAIR_GEN,
    signMechanism: CKM_ECDSA,
    shape: [{ type: CKA_EC_PARAMS, value: P256 }],
    publicParts: [CKA_EC_POINT],
    importPublic: ([point]) => {
      const bytes = bareBytes(point, 65);
      const [x, y] = [bytes.subarray(1, 33), bytes.subarray(33)].map(base64url);
      return importJwk({ kty: 'EC', crv: 'P-256', x, y });
    },
    prepare: sha256,
    signatureBytes: 64,
  },
  EdDSA: {
    makeMechanism: CKM_EC_EDWARDS_KEY_PAIR_GEN,
    signMechanism: CKM_EDDSA,
    shape: [{ type: CKA_EC_PARAMS, value: ED25519 }],
    publicParts: [CKA_EC_POINT],
    importPublic: ([point]) =>
      importJwk({ kty: 'OKP', crv: 'Ed25519', x: base64url(bareBytes(point, 32)) }),
    prepare: (input) => Buffer.from(input),
    signatureBytes: 64,
  },
  RS256: {
    makeMechanism: CKM_RSA_PKCS_KEY_PAIR_GEN,
    signMechanism: CKM_RSA_PKCS,
    shape: [
      { type: CKA_MODULUS_BITS, value: RSA_BITS },
      { type: CKA_PUBLIC_EXPONENT, value: Buffer.of(1, 0, 1) },
    ],
    publicParts: [CKA_MODULUS, CKA_PUBLIC_EXPONENT],
    importPublic: (parts) => {
      const [n, e] = parts.map((part) => base64url(withoutZeros(part)));
      return importJwk({ kty: 'RSA', n, e });
    },
    prepare: (input) => Buffer.concat([SHA256_DIGEST_INFO, sha256(input)]),
    signatureBytes: RSA_BITS / 8,
  },
};

function sha256(input: Uint8Array): Buffer {
  return createHash('sha256').update(input).digest();
}

function base64url(bytes: Buffer): string {
  return bytes.toString('base64url');
}

function importJwk(jwk: Record<string, string | undefined>): KeyObject {
  return createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
}

/** A JWK wants the fewest bytes (RFC 7518 §2); some tokens put a zero before the modulus. */
function withoutZeros(integer: Buffer): Buffer {
  const first = integer.findIndex((byte) => byte !== 0);
  return integer.subarray(Math.max(first, 0));
}

/** A point as PKCS#11 wants it, in a DER octet string, or as some tokens give it, bare. */
function bareBytes(point: Buffer | undefined, length: number): Buffer {
  if (point?.length === length) return point;
  if (point?.length === length + 2 && point[0] === 0x04 && point[1] === length) {
    return point.subarray(2);
  }
  throw new TypeError('The point of the public key has another length than its curve.');
}
