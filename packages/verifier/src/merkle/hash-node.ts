// The two hashes of an RFC 6962 tree (RFC 9162 §2.1.1). The 0x00 and 0x01 prefixes keep a leaf
// that looks like two hashes from passing as a node (second preimage).

import { sha256 } from '#platform';
import { FormatError } from '../format-error.ts';

export const HASH_BYTES = 32;

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

/** SHA-256 of nothing: the root of the empty tree and the hash of every empty subtree. */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0));

// Inputs are put together in place: two fresh arrays a hash would cost more than the hash.
const nodeInput = new Uint8Array(1 + 2 * HASH_BYTES);
nodeInput[0] = NODE_PREFIX;

export function hashLeaf(entry: Uint8Array): Uint8Array<ArrayBuffer> {
  const input = new Uint8Array(1 + entry.length);
  input[0] = LEAF_PREFIX;
  input.set(entry, 1);
  return sha256(input);
}

/** @throws FormatError `bytes_malformed` unless both are hashes of 32 bytes */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) {
    throw new FormatError('bytes_malformed', 'A node is made of two hashes of 32 bytes.');
  }
  for (let at = 0; at < HASH_BYTES; at += 1) {
    nodeInput[1 + at] = left[at] ?? 0;
    nodeInput[1 + HASH_BYTES + at] = right[at] ?? 0;
  }
  return sha256(nodeInput);
}
