// What a scanner of dumps is given to find a key by (C-11), and a thief learns 16 bits a secret from:
// a sum that does not depend on the order of bytes, and hashes. The form, and the arithmetic of what
// it tells, is docs/decisions/0014-scanner-fingerprints.md; the room keyscan reads it.

import { createHash, hash, type KeyObject } from 'node:crypto';
import type { SignatureAlg } from '../scope/key-scope.ts';

/** One secret of a key, as one entry of `fingerprints.json`. */
export interface SecretFingerprint {
  kid: string;
  secret: 'ec-scalar' | 'ed25519-seed' | 'ed25519-scalar' | 'ed25519-prefix' | 'rsa-prime';
  /** Bytes of the secret as its standard writes it. */
  length: number;
  /** Where in it the 32 bytes stand that the rest is of: in the middle, the same in both orders. */
  at: number;
  sum: number;
  /** 16 bytes each, base64url. */
  hashes: { forward: string; reversed: string };
}

type Secrets = [SecretFingerprint['secret'], Uint8Array][];

const WINDOW_BYTES = 32;
const HASH_BYTES = 16;
const HASH_LABEL = 'countersign/scanner-fingerprint/v1\n';
/** Fixed for all time: under other weights the same secret would tell 16 bits more. */
const WEIGHTS = Int32Array.from({ length: 256 }, (_, byte) =>
  createHash('sha256')
    .update('countersign/scan/v1\n')
    .update(Buffer.of(byte))
    .digest()
    .readInt32BE(),
);

/** Fingerprints of every secret that a process which holds the key may have in memory. */
export function fingerprintKey(
  kid: string,
  alg: SignatureAlg,
  privateKey: KeyObject,
): SecretFingerprint[] {
  const der = privateKey.export({ format: 'der', type: DER_TYPE[alg] } as {
    format: 'der';
    type: 'pkcs8';
  });
  const expanded = alg === 'EdDSA' ? expandSeed(seedOf(der)) : Buffer.alloc(0);
  try {
    return secretsOf(alg, der, expanded).map(([name, secret]) => fingerprint(kid, name, secret));
  } finally {
    der.fill(0);
    expanded.fill(0);
  }
}

const DER_TYPE = { ES256: 'sec1', EdDSA: 'pkcs8', RS256: 'pkcs1' } as const;

function secretsOf(alg: SignatureAlg, der: Buffer, expanded: Buffer): Secrets {
  if (alg === 'EdDSA') {
    return [
      ['ed25519-seed', seedOf(der)],
      ['ed25519-scalar', expanded.subarray(0, 32)],
      ['ed25519-prefix', expanded.subarray(32)],
    ];
  }
  const elements = elementsOf(der);
  // RFC 5915 §3: version, privateKey. RFC 8017 §A.1.2: version, n, e, d, p, q.
  if (alg === 'ES256') return [['ec-scalar', elements[1] as Uint8Array]];
  return [4, 5].map((index) => {
    const integer = elements[index] as Uint8Array;
    return ['rsa-prime', integer[0] === 0 ? integer.subarray(1) : integer];
  });
}

/** PKCS#8 of RFC 8410 ends with the seed. */
function seedOf(der: Buffer): Uint8Array {
  return der.subarray(-32);
}

/** RFC 8032 §5.1.5: the scalar, clamped, and the prefix. */
function expandSeed(seed: Uint8Array): Buffer {
  const expanded = hash('sha512', seed, 'buffer');
  expanded[0] = (expanded[0] as number) & 0xf8;
  expanded[31] = ((expanded[31] as number) & 0x7f) | 0x40;
  return expanded;
}

/** Contents of the members of a DER sequence that OpenSSL wrote; views, not copies. */
function elementsOf(der: Buffer): Uint8Array[] {
  const elements: Uint8Array[] = [];
  for (let at = contentOf(der, 0).from; at < der.length; ) {
    const { from, end } = contentOf(der, at);
    elements.push(der.subarray(from, end));
    at = end;
  }
  return elements;
}

function contentOf(der: Buffer, at: number): { from: number; end: number } {
  const first = der.readUInt8(at + 1);
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const from = at + 2 + lengthBytes;
  const length = lengthBytes === 0 ? first : der.readUIntBE(at + 2, lengthBytes);
  return { from, end: from + length };
}

function fingerprint(
  kid: string,
  name: SecretFingerprint['secret'],
  secret: Uint8Array,
): SecretFingerprint {
  const at = (secret.length - WINDOW_BYTES) / 2;
  const window = Buffer.from(secret.subarray(at, at + WINDOW_BYTES));
  let sum = 0;
  for (const byte of window) sum = (sum + (WEIGHTS[byte] as number)) | 0;
  const forward = hashWindow(kid, window);
  const reversed = hashWindow(kid, window.reverse());
  window.fill(0);
  const hashes = { forward, reversed };
  return { kid, secret: name, length: secret.length, at, sum: sum >>> 16, hashes };
}

function hashWindow(kid: string, window: Uint8Array): string {
  const digest = createHash('sha256').update(HASH_LABEL).update(kid).update(window).digest();
  return digest.toString('base64url', 0, HASH_BYTES);
}
