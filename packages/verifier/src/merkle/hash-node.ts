// The two hashes of an RFC 6962 tree (RFC 9162 §2.1.1). The 0x00 and 0x01 prefixes keep a leaf
// that looks like two hashes from passing as a node (second preimage).

import { sha256 } from '#platform';

export const HASH_BYTES = 32;

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

/** SHA-256 of nothing: the root of the empty tree and the hash of every empty subtree. */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0));

export function hashLeaf(entry: Uint8Array): Uint8Array<ArrayBuffer> {
  const input = new Uint8Array(1 + entry.length);
  input[0] = LEAF_PREFIX;
  input.set(entry, 1);
  return sha256(input);
}

export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  const input = new Uint8Array(1 + left.length + right.length);
  input[0] = NODE_PREFIX;
  input.set(left, 1);
  input.set(right, 1 + left.length);
  return sha256(input);
}
