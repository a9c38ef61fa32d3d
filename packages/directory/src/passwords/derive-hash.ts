// argon2id (RFC 9106) as PHC strings: `$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH`.
// Parameters: OWASP Password Storage Cheat Sheet (19 MiB, 2 passes, 1 lane).

import { argon2, timingSafeEqual } from 'node:crypto';
import { CodedError } from '@countersign/vocabulary';
import type { DirectoryCode } from '../directory-error.ts';

export interface HashCost {
  memoryKib: number;
  passes: number;
}

export const currentCost: HashCost = { memoryKib: 19_456, passes: 2 };

// A row somebody wrote into the database must not make us allocate what they please.
const LARGEST_COST: HashCost = { memoryKib: 131_072, passes: 8 };
export const SALT_BYTES = 16;
export const HASH_BYTES = 32;

const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=1\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

/** Hashes a password (already normalised) at `cost`; the result is a PHC string. */
export async function deriveHash(
  password: string,
  salt: Uint8Array,
  cost: HashCost,
): Promise<string> {
  return toPhc(await compute(password, salt, cost), salt, cost);
}

/** A hash that no password has: what an unknown user is compared with, at the same cost. */
export function hashOfNobody(noise: Uint8Array, cost: HashCost): string {
  return toPhc(noise.subarray(SALT_BYTES), noise.subarray(0, SALT_BYTES), cost);
}

/** Compares in constant time. @throws CodedError `record_damaged` when `phc` is not one of ours. */
export async function matchesHash(password: string, phc: string): Promise<boolean> {
  const { cost, salt, hash } = parsePhc(phc);
  return timingSafeEqual(await compute(password, salt, cost), hash);
}

/** True when the hash was made at another cost than the current one. */
export function isOutdated(phc: string, wanted: HashCost): boolean {
  const { cost } = parsePhc(phc);
  return cost.memoryKib !== wanted.memoryKib || cost.passes !== wanted.passes;
}

function toPhc(hash: Uint8Array, salt: Uint8Array, cost: HashCost): string {
  const parameters = `m=${cost.memoryKib},t=${cost.passes},p=1`;
  return `$argon2id$v=19$${parameters}$${unpadded(salt)}$${unpadded(hash)}`;
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}

interface ParsedHash {
  cost: HashCost;
  salt: Buffer;
  hash: Buffer;
}

function parsePhc(phc: string): ParsedHash {
  const [, memory, passes, salt, hash] = PHC.exec(phc) ?? [];
  const cost = { memoryKib: Number(memory), passes: Number(passes) };
  const bearable =
    cost.memoryKib >= 8 &&
    cost.memoryKib <= LARGEST_COST.memoryKib &&
    cost.passes >= 1 &&
    cost.passes <= LARGEST_COST.passes;
  if (salt === undefined || hash === undefined || !bearable) {
    throw new CodedError<DirectoryCode>('record_damaged', 'A stored password hash is damaged.');
  }
  return { cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

function compute(password: string, salt: Uint8Array, cost: HashCost): Promise<Buffer> {
  const parameters = {
    message: password,
    nonce: salt,
    parallelism: 1,
    tagLength: HASH_BYTES,
    memory: cost.memoryKib,
    passes: cost.passes,
  };
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  argon2('argon2id', parameters, (error, hash) => (error ? reject(error) : resolve(hash)));
  return promise;
}
