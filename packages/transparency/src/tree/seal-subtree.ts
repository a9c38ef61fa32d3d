// One aligned subtree of a group: all its hashes, level by level. A group's interval is cut into
// the largest aligned powers of two, so that one signature covers many entries and the path in a
// receipt stays short.

import { HASH_BYTES, hashNode, type LeafRange } from '@countersign/verifier';
import { hashPairInto } from './hash-nodes.ts';

/** Leaves under one signature at most: also a tile's width, so that no subtree crosses a tile. */
export const MAX_SUBTREE_LEAVES = 256;
/** Below this many waiting entries a group is never cut short: a second write costs more. */
const LEAST_CUT = 8;

/** Cuts `[start, end)` into maximal aligned subtrees of 1, 2, 4 … 256 leaves, left to right. */
export function cutIntoSubtrees(start: number, end: number): LeafRange[] {
  const subtrees: LeafRange[] = [];
  let from = start;
  while (from < end) {
    let span = 1;
    while (span < MAX_SUBTREE_LEAVES && from % (span * 2) === 0 && from + span * 2 <= end) {
      span *= 2;
    }
    subtrees.push({ start: from, end: from + span });
    from += span;
  }
  return subtrees;
}

/**
 * How many of `waiting` entries to take from `start` on so that the group ends at an aligned place:
 * all of them, or at least half. The rest leads the next group, and under load a group is soon one
 * subtree with one signature instead of a dozen.
 */
export function alignedCount(start: number, waiting: number): number {
  if (waiting < LEAST_CUT) return waiting;
  for (let span = MAX_SUBTREE_LEAVES; span > 1; span /= 2) {
    const left = (start + waiting) % span;
    if (span <= waiting && left <= waiting / 2) return waiting - left;
  }
  return waiting;
}

/** All hashes of a subtree: its leaves, their parents, … and the root, in one buffer. */
export function sealSubtree(leafHashes: Uint8Array): Buffer {
  const leaves = leafHashes.length / HASH_BYTES;
  const nodes = Buffer.allocUnsafe((2 * leaves - 1) * HASH_BYTES);
  nodes.set(leafHashes);
  let below = 0;
  for (let above = leaves; above < 2 * leaves - 1; above += 1) {
    hashPairInto(nodes, below, nodes, above);
    below += 2;
  }
  return nodes;
}

/** The root over a power of two of hashes. */
export function subtreeRoot(hashes: readonly Uint8Array[]): Uint8Array {
  let level = hashes;
  while (level.length > 1) {
    level = Array.from({ length: level.length / 2 }, (_, at) =>
      hashNode(level[2 * at] as Uint8Array, level[2 * at + 1] as Uint8Array),
    );
  }
  return level[0] as Uint8Array;
}
