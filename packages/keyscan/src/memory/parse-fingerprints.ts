// Reads `fingerprints.json`, which a signer writes beside its keys: what to look for in memory, and
// nothing to make a key from. The form is fixed by docs/decisions/0014-scanner-fingerprints.md.

import { decodeBase64url, readJson } from '@countersign/verifier';
import { memoryRefusal } from './memory-error.ts';
import { SUM_COUNT, WINDOW_BYTES } from './window-sum.ts';

/** A signer holds at most 10,000 keys, and no kind of key has more than four secrets. */
const SECRETS_LIMIT = 40_000;
/** RSA-8192's primes. */
const SECRET_LIMIT_BYTES = 512;
const HASH_BYTES = 16;
/** The characters of it that do not depend on where it was cut: 126 bits. */
export const HASH_CHARACTERS = 21;
/** A thumbprint of SHA-256 (RFC 7638) in base64url. */
export const KID_CHARACTERS = 43;
const KID = /^[A-Za-z0-9_-]{43}$/;

const KINDS = {
  'ec-scalar': { kind: 'memory-ec', what: 'private P-256 scalar' },
  'ed25519-seed': { kind: 'memory-ed25519', what: 'private Ed25519 seed' },
  'ed25519-scalar': { kind: 'memory-ed25519', what: 'private Ed25519 scalar' },
  'ed25519-prefix': { kind: 'memory-ed25519', what: 'second half of an expanded Ed25519 key' },
  'rsa-prime': { kind: 'memory-rsa', what: 'prime of a private RSA key' },
} as const;
/** As its standard writes it, and the other way round: as most libraries hold big numbers. */
const ORDERS = ['forward', 'reversed'];

/** One secret of one key, in one order of its bytes. */
export interface Fingerprint {
  kid: string;
  kind: 'memory-ec' | 'memory-ed25519' | 'memory-rsa';
  /** Bytes of the whole secret. */
  length: number;
  /** Where in the secret, in this order, the 32 bytes stand that the fingerprint is of. */
  at: number;
  /** The order-free sum of these bytes. */
  sum: number;
  /** The first 16 bytes of SHA-256 over the kid and these bytes, in base64url. */
  hash: string;
  what: string;
}

type Members = Record<string, unknown>;

/**
 * Every fingerprint of a file, one for each secret and order of bytes.
 * @throws CodedError `fingerprints_malformed`
 */
export function parseFingerprints(text: string): Fingerprint[] {
  const file = members(parse(text), ['version', 'secrets']);
  if (file['version'] !== 1) throw malformed('has another version than 1');
  const secrets = file['secrets'];
  if (!Array.isArray(secrets) || secrets.length > SECRETS_LIMIT) {
    throw malformed('has no usable list of secrets');
  }
  return secrets.flatMap(readSecret);
}

function readSecret(value: unknown): Fingerprint[] {
  const secret = members(value, ['kid', 'secret', 'length', 'at', 'sum', 'hashes']);
  const { kid, secret: name } = secret;
  if (typeof kid !== 'string' || !KID.test(kid)) throw malformed('names a key by no thumbprint');
  if (typeof name !== 'string' || !Object.hasOwn(KINDS, name)) {
    throw malformed('tells of a secret of unknown kind');
  }
  const { kind, what } = KINDS[name as keyof typeof KINDS];
  const length = whole(secret['length'], WINDOW_BYTES, SECRET_LIMIT_BYTES);
  const at = whole(secret['at'], 0, length - WINDOW_BYTES);
  const sum = whole(secret['sum'], 0, SUM_COUNT - 1);
  const hashes = members(secret['hashes'], ORDERS);
  const common = { kid, kind, length, sum };
  return [
    { ...common, at, hash: readHash(hashes['forward']), what },
    {
      ...common,
      at: length - at - WINDOW_BYTES,
      hash: readHash(hashes['reversed']),
      what: `${what}, in reverse order of bytes`,
    },
  ];
}

function readHash(value: unknown): string {
  const hash = typeof value === 'string' ? decodeBase64url(value) : undefined;
  if (hash?.length !== HASH_BYTES) throw malformed('has a hash that is not 16 bytes in base64url');
  return value as string;
}

function whole(value: unknown, least: number, most: number): number {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
    throw malformed('has a number out of its range');
  }
  return value as number;
}

function members(value: unknown, names: readonly string[]): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed('is not the object it should be');
  }
  const found = Object.keys(value);
  if (found.length !== names.length || !names.every((name) => found.includes(name))) {
    throw malformed(`has not exactly the members ${names.join(', ')}`);
  }
  return value as Members;
}

function parse(text: string): unknown {
  try {
    return readJson(text);
  } catch (cause) {
    throw malformed('is not JSON', cause);
  }
}

function malformed(what: string, cause?: unknown): Error {
  return memoryRefusal(
    'fingerprints_malformed',
    `The file of fingerprints ${what}. Give the fingerprints.json of a signer's folder, unchanged.`,
    cause,
  );
}
