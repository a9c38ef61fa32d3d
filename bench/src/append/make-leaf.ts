// A leaf of 44 bytes whose commitment nobody has seen before. The random bytes are drawn in bulk,
// because the writers share a thread with the log they measure.

import { randomFillSync } from 'node:crypto';
import { encodeLeafEntry } from '@countersign/verifier';

const COMMITMENT_BYTES = 32;
const pool = new Uint8Array(1024 * COMMITMENT_BYTES);
let next = pool.length;

export function makeLeaf(): Uint8Array {
  const issuedMs = Date.now();
  if (next === pool.length) {
    randomFillSync(pool);
    next = 0;
  }
  const commitment = pool.subarray(next, next + COMMITMENT_BYTES);
  next += COMMITMENT_BYTES;
  return encodeLeafEntry({
    type: 'access',
    issuedMs,
    expiresAtSeconds: Math.floor(issuedMs / 1000) + 600,
    commitment,
  });
}
