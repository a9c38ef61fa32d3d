// A leaf of 44 bytes whose commitment nobody has seen before.

import { randomFillSync } from 'node:crypto';
import { encodeLeafEntry } from '@countersign/verifier';

const commitment = new Uint8Array(32);

export function makeLeaf(): Uint8Array {
  const issuedMs = Date.now();
  randomFillSync(commitment);
  return encodeLeafEntry({
    type: 'access',
    issuedMs,
    expiresAtSeconds: Math.floor(issuedMs / 1000) + 600,
    commitment,
  });
}
