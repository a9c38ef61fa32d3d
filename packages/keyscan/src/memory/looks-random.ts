// Tells bytes that may be a secret from the rest of memory: zeros, text, pointers and most code have
// few different bytes in 32, and 32 random ones have 30.

import { WINDOW_BYTES } from './window-sum.ts';

/** Fewer different bytes than this have 32 random ones with a probability below 2^-42. */
export const FEWEST_FOR_KNOWN = 18;
/** The same below 2^-23: where each candidate costs a key derivation, it pays to look harder. */
export const FEWEST_FOR_UNKNOWN = 22;

/** Windows that are looked at in one go, or passed over together. */
export const STRETCH = 4096;
const ZEROS = Buffer.alloc(STRETCH + WINDOW_BYTES);

/** True when all bytes from `from` to before `end` are zero: most of a sparse core. */
export function isZero(bytes: Uint8Array, from: number, end: number): boolean {
  if (bytes[from] !== 0 || bytes[end - 1] !== 0) return false;
  return ZEROS.compare(bytes, from, end, 0, end - from) === 0;
}

const LAST_MARK = 2 ** 32 - 1;
const seenAt = new Uint32Array(256);
let mark = 0;

/** True when the 32 bytes at `at` have at least `fewest` different values. */
export function looksRandom(bytes: Uint8Array, at: number, fewest: number): boolean {
  mark += 1;
  if (mark > LAST_MARK) {
    seenAt.fill(0);
    mark = 1;
  }
  let allowed = WINDOW_BYTES - fewest;
  for (let index = at; index < at + WINDOW_BYTES; index += 1) {
    const byte = bytes[index] as number;
    if (seenAt[byte] === mark) {
      allowed -= 1;
      if (allowed < 0) return false;
    }
    seenAt[byte] = mark;
  }
  return true;
}
