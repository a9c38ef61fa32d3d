// Tells whether bytes out of memory are the private half of a key whose public half is known, by
// deriving the public half from them. Slow, and needs nothing that is not published.

import { createECDH, createPrivateKey, createPublicKey } from 'node:crypto';
import { decodeBase64url } from '@countersign/verifier';
import type { FindKind } from '../find.ts';
import { memoryRefusal } from './memory-error.ts';

/** One kind of secret that is looked for. */
export interface Sought {
  kind: FindKind;
  what: string;
  /** Bytes of the secret. */
  length: number;
  /** True for numbers, which libraries hold in either order; a seed has one. */
  inBothOrders: boolean;
  /** The kid of the key that `secret`, most significant byte first, belongs to. */
  match(secret: Uint8Array): string | undefined;
}

/** A public key and the name it is reported by. */
export interface NamedKey {
  kid: string;
  /** RFC 7517; believed to hold nothing. */
  jwk: Readonly<Record<string, unknown>>;
}

/** Everything to look for, so that one derivation serves all keys of a kind. */
export function soughtFor(keys: readonly NamedKey[]): Sought[] {
  const points = new Map<string, string>();
  const edwards = new Map<string, string>();
  const sought: Sought[] = [];
  for (const { kid, jwk } of keys) {
    const { kty, crv, x, y, n } = jwk;
    if (kty === 'EC' && crv === 'P-256') points.set(`${text(x, 32)}.${text(y, 32)}`, kid);
    else if (kty === 'OKP' && crv === 'Ed25519') edwards.set(text(x, 32), kid);
    else if (kty === 'RSA') sought.push(primeOf(kid, decoded(n)));
    else throw malformed('holds a key that is neither P-256, Ed25519 nor RSA');
  }
  if (points.size > 0) sought.push(scalarOf(points));
  if (edwards.size > 0) sought.push(seedOf(edwards));
  return sought;
}

function scalarOf(points: ReadonlyMap<string, string>): Sought {
  const ecdh = createECDH('prime256v1');
  const match = (secret: Uint8Array): string | undefined => {
    try {
      ecdh.setPrivateKey(secret);
    } catch {
      return undefined; // zero, or not below the order of the group
    }
    const point = ecdh.getPublicKey();
    return points.get(
      `${point.toString('base64url', 1, 33)}.${point.toString('base64url', 33, 65)}`,
    );
  };
  const what = 'private P-256 scalar';
  return { kind: 'memory-ec', what, length: 32, inBothOrders: true, match };
}

/** What stands before the seed in PKCS#8 (RFC 8410 §7). */
const SEED_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

function seedOf(edwards: ReadonlyMap<string, string>): Sought {
  const der = Buffer.concat([SEED_HEAD, Buffer.alloc(32)]);
  const match = (secret: Uint8Array): string | undefined => {
    der.set(secret, SEED_HEAD.length);
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    const { x } = createPublicKey(key).export({ format: 'jwk' });
    return edwards.get(x as string);
  };
  const what = 'private Ed25519 seed';
  return { kind: 'memory-ed25519', what, length: 32, inBothOrders: false, match };
}

/** Primes of half the modulus's length, as every generator makes them (FIPS 186-5 §A.1.1). */
function primeOf(kid: string, modulus: Buffer): Sought {
  const length = modulus.length / 2;
  if (!Number.isInteger(length) || length < 64 || length > 512) {
    throw malformed('holds an RSA key of a length that is not 1,024 to 8,192 bits');
  }
  const n = numberOf(modulus);
  const match = (secret: Uint8Array): string | undefined => {
    const [first, last] = [secret[0] as number, secret[length - 1] as number];
    if (first < 0x80 || last % 2 === 0) return undefined;
    return n % numberOf(secret) === 0n ? kid : undefined;
  };
  const what = 'prime of a private RSA key';
  return { kind: 'memory-rsa', what, length, inBothOrders: true, match };
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`);
}

function decoded(value: unknown): Buffer {
  const bytes = typeof value === 'string' ? decodeBase64url(value) : undefined;
  if (bytes === undefined) throw malformed('holds a key with a number that is not base64url');
  return Buffer.from(bytes);
}

/** A coordinate in its one spelling. */
function text(value: unknown, length: number): string {
  const bytes = decoded(value);
  if (bytes.length !== length) throw malformed('holds a key with a coordinate of wrong length');
  return bytes.toString('base64url');
}

export function malformed(what: string, cause?: unknown): Error {
  return memoryRefusal(
    'jwks_malformed',
    `The key set ${what}. Give a JWKS of public keys, as an issuer publishes it.`,
    cause,
  );
}
