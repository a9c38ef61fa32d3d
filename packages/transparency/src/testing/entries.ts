// Leaf entries for tests: well-formed, distinct, and issued now.

import { createHash } from 'node:crypto';
import { encodeLeafEntry } from '@countersign/verifier';

export function testEntry(number: number, issuedMs: number, tagged = false): Uint8Array {
  // No zeros: on a fresh disk a torn write of zeros would be no loss.
  const commitment = new Uint8Array(32).fill(0xa5);
  new DataView(commitment.buffer).setUint32(0, number);
  return encodeLeafEntry({
    type: 'access',
    issuedMs,
    expiresAtSeconds: Math.floor(issuedMs / 1000) + 600,
    commitment,
    ...(tagged ? { tags: { user: new Uint8Array(16).fill(7), instance: new Uint8Array(8) } } : {}),
  });
}

/** The number that a test entry was made with: the first four bytes of its commitment. */
export function numberOf(entry: Uint8Array): number {
  return new DataView(entry.buffer, entry.byteOffset).getUint32(12);
}

/** `count` entries, numbered from `from`. */
export function testEntries(from: number, count: number, issuedMs: number): Uint8Array[] {
  return Array.from({ length: count }, (_, at) => testEntry(from + at, issuedMs));
}

/** One short text for a list of entries, so that a failed comparison can be read. */
export function digestOf(entries: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const entry of entries) hash.update(String(entry.length)).update(entry);
  return `${entries.length} entries ${hash.digest('hex').slice(0, 16)}`;
}
