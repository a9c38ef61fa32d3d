// The hashes of one group of entries: its leaves, and the aligned subtrees that the group is cut
// into. What is answered and what is replayed after a crash are both computed here.

import { HASH_BYTES } from '@countersign/verifier';
import { hashLeafInto } from './hash-nodes.ts';
import { cutIntoSubtrees, sealSubtree } from './seal-subtree.ts';

export interface SealedSubtree {
  /** Index of its first leaf. */
  start: number;
  /** It has 2^level leaves. */
  level: number;
  /** All its hashes as `sealSubtree` lays them out; the root is the last. */
  nodes: Buffer;
}

export interface SealedGroup {
  /** One after the other, 32 bytes each. */
  leafHashes: Buffer;
  /** From left to right. */
  subtrees: SealedSubtree[];
}

/** @param firstIndex index of the first entry */
export function sealGroup(firstIndex: number, entries: readonly Uint8Array[]): SealedGroup {
  const leafHashes = Buffer.allocUnsafe(entries.length * HASH_BYTES);
  entries.forEach((entry, position) => {
    hashLeafInto(entry, leafHashes, position);
  });
  const subtrees = cutIntoSubtrees(firstIndex, firstIndex + entries.length).map(
    ({ start, end }): SealedSubtree => {
      const leaves = leafHashes.subarray(
        (start - firstIndex) * HASH_BYTES,
        (end - firstIndex) * HASH_BYTES,
      );
      return { start, level: Math.log2(end - start), nodes: sealSubtree(leaves) };
    },
  );
  return { leafHashes, subtrees };
}

/** A copy, so that keeping it does not keep the other hashes. */
export function rootOf({ nodes }: SealedSubtree): Uint8Array {
  return new Uint8Array(nodes.subarray(-HASH_BYTES));
}
