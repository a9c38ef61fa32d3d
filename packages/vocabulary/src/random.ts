// Randomness is handed in like time. Only `systemRandom` may make keys, ids and secrets.

import { randomBytes } from 'node:crypto';

export interface Random {
  bytes(count: number): Uint8Array;
}

export const systemRandom: Random = { bytes: (count) => randomBytes(count) };

/**
 * Repeatable bytes from a 32-bit seed (mulberry32), for simulations only: predictable by design.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const nextByte = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) & 0xff;
  };
  return { bytes: (count) => Uint8Array.from({ length: count }, nextByte) };
}

/** What base64url writes as `-`, the first six bits of a byte. */
const HYPHEN = 0b111110;

/**
 * 128 random bits as 22 base64url characters: token ids, event ids, session roots. None begins with a
 * hyphen, which a command line would take for an option: one in 64 would, and gets another first bit.
 */
export function newId(random: Random = systemRandom): string {
  const bytes = Buffer.from(random.bytes(16));
  const first = bytes[0] ?? 0;
  if (first >> 2 === HYPHEN) bytes[0] = first ^ 0x80;
  return bytes.toString('base64url');
}

const TIME_BYTES = 6;
const RANDOM_BYTES = 10;

/**
 * 48 bits of time and 80 random bits as 22 base64url characters: names, not secrets. Neighbours in time are
 * neighbours in an index, which spares it a page of writing for each row.
 */
export function newTimedId(nowMs: number, random: Random = systemRandom): string {
  const bytes = Buffer.alloc(TIME_BYTES + RANDOM_BYTES);
  bytes.writeUIntBE(nowMs, 0, TIME_BYTES);
  bytes.set(random.bytes(RANDOM_BYTES), TIME_BYTES);
  return bytes.toString('base64url');
}

/** 256 random bits as 43 base64url characters: credentials that are stored only as a hash. */
export function newSecret(random: Random = systemRandom): string {
  return Buffer.from(random.bytes(32)).toString('base64url');
}
