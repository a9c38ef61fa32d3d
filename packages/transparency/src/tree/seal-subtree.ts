// One aligned subtree of a group: its levels of hashes, its root, and each leaf's path within it.
// A group's interval is cut into the largest aligned powers of two, so that one signature covers
// many entries and the path in a receipt stays short.

import { hashNode, type LeafRange } from '@countersign/verifier';

/** Leaves under one signature at most: also a tile's width, so that no subtree crosses a tile. */
export const MAX_SUBTREE_LEAVES = 256;

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

export interface SealedSubtree {
  /** levels[0] are the leaf hashes; the last level is the root alone. */
  readonly levels: readonly (readonly Uint8Array[])[];
  readonly root: Uint8Array;
}

/** @param leafHashes a power of two of them */
export function sealSubtree(leafHashes: readonly Uint8Array[]): SealedSubtree {
  const levels: Uint8Array[][] = [[...leafHashes]];
  for (let below = levels[0] ?? []; below.length > 1; ) {
    const above: Uint8Array[] = [];
    for (let left = 0; left < below.length; left += 2) {
      above.push(hashNode(below[left] as Uint8Array, below[left + 1] as Uint8Array));
    }
    levels.push(above);
    below = above;
  }
  return { levels, root: levels.at(-1)?.[0] as Uint8Array };
}

/** Siblings from the leaf at `position` within the subtree up to its root. */
export function pathWithin({ levels }: SealedSubtree, position: number): Uint8Array[] {
  const path: Uint8Array[] = [];
  let at = position;
  for (const level of levels.slice(0, -1)) {
    path.push(level[at % 2 === 0 ? at + 1 : at - 1] as Uint8Array);
    at = Math.floor(at / 2);
  }
  return path;
}
