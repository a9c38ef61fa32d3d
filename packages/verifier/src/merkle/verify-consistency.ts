// Consistency proofs (RFC 9162 §2.1.4.2) and subtree consistency proofs
// (draft-ietf-plants-merkle-tree-certs §4.4). The first is the second for the subtree [0, m), so
// one walk serves both: down to the subtree noting the turns, then up again folding in the proof.

import { equalBytes } from '../bytes/compare-bytes.ts';
import { EMPTY_ROOT, HASH_BYTES, hashNode } from './hash-node.ts';
import { isLeafRange, isSubtree, type LeafRange, splitPoint } from './subtree.ts';

/** Where the subtree lay at one split: in the left half, in the right half, or across both. */
type Turn = 'left' | 'right' | 'across';

/**
 * True when the tree of `newSize` leaves and root `newRoot` extends the tree of `oldSize` leaves
 * and root `oldRoot`. From the empty tree there is nothing to prove, so only 0 to 0 is true.
 */
export function verifyConsistency(
  oldSize: number,
  newSize: number,
  proof: readonly Uint8Array[],
  oldRoot: Uint8Array,
  newRoot: Uint8Array,
): boolean {
  if (!isLeafRange({ start: oldSize, end: newSize })) return false;
  if (oldSize === 0) {
    const bothEmpty = equalBytes(oldRoot, EMPTY_ROOT) && equalBytes(newRoot, EMPTY_ROOT);
    return newSize === 0 && proof.length === 0 && bothEmpty;
  }
  return climb({ start: 0, end: oldSize }, newSize, proof, oldRoot, newRoot);
}

/**
 * True when `subtreeHash` is the hash of that subtree of the tree of `size` leaves and root
 * `root`. An empty subtree is part of every tree: for it only its hash and the empty proof count.
 */
export function verifySubtreeConsistency(
  subtree: LeafRange,
  size: number,
  proof: readonly Uint8Array[],
  subtreeHash: Uint8Array,
  root: Uint8Array,
): boolean {
  if (!isSubtree(subtree) || !Number.isSafeInteger(size) || subtree.end > size) return false;
  if (subtree.start === subtree.end) {
    return proof.length === 0 && equalBytes(subtreeHash, EMPTY_ROOT);
  }
  return climb(subtree, size, proof, subtreeHash, root);
}

function climb(
  subtree: LeafRange,
  size: number,
  proof: readonly Uint8Array[],
  subtreeHash: Uint8Array,
  root: Uint8Array,
): boolean {
  const turns = turnsTo(subtree, size);
  const straddled = turns.includes('across');
  if (proof.length !== turns.length + (straddled ? 1 : 0)) return false;
  if (proof.some((hash) => hash.length !== HASH_BYTES)) return false;
  const [first, ...others] = straddled ? proof : [subtreeHash, ...proof];
  if (first === undefined) return false;
  let inSubtree = first;
  let inTree = first;
  turns.reverse().forEach((turn, step) => {
    const sibling = others[step] ?? EMPTY_ROOT;
    if (turn === 'across') inSubtree = hashNode(sibling, inSubtree);
    inTree = turn === 'left' ? hashNode(inTree, sibling) : hashNode(sibling, inTree);
  });
  return equalBytes(inSubtree, subtreeHash) && equalBytes(inTree, root);
}

function turnsTo(subtree: LeafRange, size: number): Turn[] {
  const turns: Turn[] = [];
  let { start, end } = subtree;
  let within = size;
  while (start !== 0 || end !== within) {
    const split = splitPoint(within);
    if (end <= split) {
      turns.push('left');
      within = split;
      continue;
    }
    turns.push(start >= split ? 'right' : 'across');
    start = Math.max(0, start - split);
    end -= split;
    within -= split;
  }
  return turns;
}
