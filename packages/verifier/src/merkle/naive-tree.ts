// The tree by its recursive definition (RFC 9162 §2.1.1), as slow and plain as it is written there.
// It is what tests, the tree of an in-memory log and doubts are measured against.

import { EMPTY_ROOT, hashNode } from './hash-node.ts';
import type { NodeReader } from './prove.ts';
import { splitPoint } from './subtree.ts';

/** Root over leaf hashes, in order. */
export function naiveRoot(leafHashes: readonly Uint8Array[]): Uint8Array {
  const [only] = leafHashes;
  if (only === undefined) return EMPTY_ROOT;
  if (leafHashes.length === 1) return only;
  const split = splitPoint(leafHashes.length);
  return hashNode(naiveRoot(leafHashes.slice(0, split)), naiveRoot(leafHashes.slice(split)));
}

/** Reads complete nodes of the tree over these leaf hashes; each is hashed once. */
export function naiveReader(leafHashes: readonly Uint8Array[]): NodeReader {
  const hashed = new Map<string, Uint8Array>();
  return ({ level, index }) => {
    const name = `${level}/${index}`;
    const span = 2 ** level;
    const hash = hashed.get(name) ?? naiveRoot(leafHashes.slice(index * span, (index + 1) * span));
    hashed.set(name, hash);
    return hash;
  };
}
