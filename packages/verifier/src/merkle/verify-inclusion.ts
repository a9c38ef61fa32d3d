// Inclusion proofs (RFC 9162 §2.1.3.2) and their subtree form (draft-ietf-plants-merkle-tree-certs
// §4.3). The path runs from the leaf to the root.

import { equalBytes } from '../bytes/compare-bytes.ts';
import { HASH_BYTES, hashNode } from './hash-node.ts';
import { isLeafRange, isSubtree, type LeafRange } from './subtree.ts';

/**
 * The root that a leaf hash and its path lead to in a tree of `size` leaves; undefined when the
 * index lies outside, or the path is longer or shorter than that place in that tree has.
 */
export function rootFromInclusionPath(
  leafHash: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): Uint8Array | undefined {
  if (!isLeafRange({ start: index, end: size }) || index >= size) return undefined;
  if (leafHash.length !== HASH_BYTES) return undefined;
  let node = index;
  let lastNode = size - 1;
  let hash = leafHash;
  for (const sibling of path) {
    if (sibling.length !== HASH_BYTES || lastNode === 0) return undefined;
    if (node % 2 === 1 || node === lastNode) {
      hash = hashNode(sibling, hash);
      // A last node without a right sibling rises unchanged until it is somebody's right child.
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        lastNode = Math.floor(lastNode / 2);
      }
    } else {
      hash = hashNode(hash, sibling);
    }
    node = Math.floor(node / 2);
    lastNode = Math.floor(lastNode / 2);
  }
  return lastNode === 0 ? hash : undefined;
}

/** True when the leaf is number `index` of the tree of `size` leaves with this root. */
export function verifyInclusion(
  leafHash: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  const computed = rootFromInclusionPath(leafHash, index, size, path);
  return computed !== undefined && equalBytes(computed, root);
}

/** As `rootFromInclusionPath`, for leaf `index` of the log within a subtree that holds it. */
export function subtreeHashFromPath(
  leafHash: Uint8Array,
  index: number,
  subtree: LeafRange,
  path: readonly Uint8Array[],
): Uint8Array | undefined {
  if (!isSubtree(subtree) || index < subtree.start) return undefined;
  const size = subtree.end - subtree.start;
  return rootFromInclusionPath(leafHash, index - subtree.start, size, path);
}

export function verifySubtreeInclusion(
  leafHash: Uint8Array,
  index: number,
  subtree: LeafRange,
  path: readonly Uint8Array[],
  subtreeHash: Uint8Array,
): boolean {
  const computed = subtreeHashFromPath(leafHash, index, subtree, path);
  return computed !== undefined && equalBytes(computed, subtreeHash);
}
