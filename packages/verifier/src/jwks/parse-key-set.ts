// Reads a JWK Set (RFC 7517 §5) as it came from an issuer. A set that is ambiguous or shows private
// key material is refused whole: nothing in it can be trusted. A key we cannot use is left out.

import { readJson } from '../json/read-json.ts';
import type { SignatureAlgorithm } from '../ports.ts';

/** A public signature key as published; only what is sound in shape, nothing judged yet. */
export interface PublishedKey {
  kid: string;
  alg: SignatureAlgorithm | undefined;
  issuer: string | undefined;
  tenant: string | undefined;
  tokenTypes: string[] | undefined;
  notBeforeSeconds: number | undefined;
  notAfterSeconds: number | undefined;
  /** Member `itr`: what vouches for the key's place in a log. */
  receipt: string | undefined;
  jwk: JsonWebKey;
}

export type KeySetRefusalCode =
  | 'key_set_malformed'
  | 'key_set_too_many_keys'
  | 'key_set_duplicate_kid'
  | 'key_set_private_member';

export class KeySetRefusal extends Error {
  readonly code: KeySetRefusalCode;

  constructor(code: KeySetRefusalCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'KeySetRefusal';
    this.code = code;
  }
}

/** RFC 7518 §6: every member that holds a private or symmetric part. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'] as const;
const ALGORITHMS: readonly string[] = ['ES256', 'EdDSA', 'RS256'];
const LONGEST_KID = 256;
const LONGEST_RECEIPT_TEXT = 1_024;

type Members = Record<string, unknown>;

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The usable keys of a set. Encryption keys, unknown key types and algorithms, keys without `kid`
 * and keys with malformed members are left out; keys without `alg` or `iss` stay, undefined there.
 * @throws KeySetRefusal
 */
export function parseKeySet(bytes: Uint8Array, maxKeys: number): PublishedKey[] {
  const set = readSet(bytes);
  if (set.length > maxKeys) {
    throw new KeySetRefusal('key_set_too_many_keys', `The key set has over ${maxKeys} keys.`);
  }
  const kids = new Set<string>();
  const keys: PublishedKey[] = [];
  for (const jwk of set) {
    if (!isMembers(jwk)) {
      throw new KeySetRefusal('key_set_malformed', 'A key of the set is not a JSON object.');
    }
    if (PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member)) || jwk.kty === 'oct') {
      throw new KeySetRefusal(
        'key_set_private_member',
        'The key set publishes private key material; that key is lost. Rotate it now.',
      );
    }
    if (typeof jwk.kid === 'string') {
      if (kids.has(jwk.kid)) {
        throw new KeySetRefusal('key_set_duplicate_kid', 'Two keys of the set share a kid.');
      }
      kids.add(jwk.kid);
    }
    const key = readKey(jwk);
    if (key !== undefined) keys.push(key);
  }
  return keys;
}

function readSet(bytes: Uint8Array): unknown[] {
  let document: unknown;
  try {
    document = readJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new KeySetRefusal('key_set_malformed', 'The key set is not well-formed JSON.', cause);
  }
  if (!isMembers(document) || !Array.isArray(document.keys)) {
    throw new KeySetRefusal('key_set_malformed', 'The key set has no array of keys.');
  }
  return document.keys;
}

function readKey(jwk: Members): PublishedKey | undefined {
  const { kid, alg, iss, tenant, token_types: types, nbf, exp, itr } = jwk;
  if (typeof kid !== 'string' || kid === '' || kid.length > LONGEST_KID) return undefined;
  if (jwk.use !== undefined && jwk.use !== 'sig') return undefined;
  if (jwk.key_ops !== undefined && !mayVerify(jwk.key_ops)) return undefined;
  if (alg !== undefined && !(typeof alg === 'string' && ALGORITHMS.includes(alg))) return undefined;
  if (!optionalText(iss) || !optionalText(tenant) || !optionalTexts(types)) return undefined;
  // A malformed limit is no limit to whoever ignores it: such a key is not used at all.
  if (!optionalSeconds(nbf) || !optionalSeconds(exp)) return undefined;
  return {
    kid,
    alg: alg as SignatureAlgorithm | undefined,
    issuer: iss,
    tenant,
    tokenTypes: types,
    notBeforeSeconds: nbf,
    notAfterSeconds: exp,
    // A malformed receipt is no receipt: whether a key needs one is for the policy to say.
    receipt: typeof itr === 'string' && itr.length <= LONGEST_RECEIPT_TEXT ? itr : undefined,
    jwk: jwk as JsonWebKey,
  };
}

function mayVerify(operations: unknown): boolean {
  return Array.isArray(operations) && operations.includes('verify');
}

function optionalText(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && value !== '');
}

function optionalTexts(value: unknown): value is string[] | undefined {
  if (value === undefined) return true;
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function optionalSeconds(value: unknown): value is number | undefined {
  return value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0);
}
