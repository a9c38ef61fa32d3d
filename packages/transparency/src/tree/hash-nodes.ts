// The verifier's two tree hashes, computed from and into places of one buffer: a log under load
// makes a quarter of a million of them a second, and an object for each would cost more than the hash.

import { hash } from 'node:crypto';
import { HASH_BYTES, hashLeaf } from '@countersign/verifier';
import { MAX_ENTRY_BYTES } from '../wal/group-record.ts';

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;
const leafInput = Buffer.alloc(1 + MAX_ENTRY_BYTES, LEAF_PREFIX);
const nodeInput = Buffer.alloc(1 + 2 * HASH_BYTES, NODE_PREFIX);

/** Writes the leaf hash of an entry to `target` at hash number `position`. */
export function hashLeafInto(entry: Uint8Array, target: Buffer, position: number): void {
  if (entry.length > MAX_ENTRY_BYTES) {
    target.set(hashLeaf(entry), position * HASH_BYTES);
    return;
  }
  leafInput.set(entry, 1);
  hashInto(leafInput.subarray(0, 1 + entry.length), target, position);
}

/** Writes the hash of the two neighbours at `left` and `left + 1` to `target` at `position`. */
export function hashPairInto(source: Buffer, left: number, target: Buffer, position: number): void {
  const start = left * HASH_BYTES;
  source.copy(nodeInput, 1, start, start + 2 * HASH_BYTES);
  hashInto(nodeInput, target, position);
}

/** The text form skips the allocation of a native buffer: less than half the cost of 'buffer'. */
function hashInto(input: Uint8Array, target: Buffer, position: number): void {
  target.write(hash('sha256', input, 'latin1'), position * HASH_BYTES, 'latin1');
}
