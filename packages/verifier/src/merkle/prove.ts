// Makes the proofs that the verify files check. A proof is first a plan (which leaf ranges' hashes
// it consists of), so that whoever keeps the tree in files can fetch what is needed before hashing.
// RFC 9162 §2.1.3.1 and §2.1.4.1; draft-ietf-plants-merkle-tree-certs §4.3 and §4.4.

import { FormatError } from '../format-error.ts';
import { EMPTY_ROOT, hashNode } from './hash-node.ts';
import { isLeafRange, isSubtree, type LeafRange, splitPoint } from './subtree.ts';

/** The node over leaves `[index * 2^level, (index + 1) * 2^level)`. */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
}

/** Hashes of complete nodes, from memory or tiles. Throws when it does not have one. */
export type NodeReader = (node: TreeNode) => Uint8Array;

/** Ranges whose hashes prove that leaf `index` is in `tree`, leaf to root. */
export function planInclusion(index: number, tree: LeafRange): LeafRange[] {
  const { start, end } = tree;
  if (!isSubtree(tree) || !Number.isSafeInteger(index) || index < start || index >= end) {
    throw new FormatError('proof_impossible', 'The leaf is not in the subtree.');
  }
  const plan: LeafRange[] = [];
  let range = tree;
  while (range.end - range.start > 1) {
    const split = range.start + splitPoint(range.end - range.start);
    const left = { start: range.start, end: split };
    const right = { start: split, end: range.end };
    plan.push(index < split ? right : left);
    range = index < split ? left : right;
  }
  return plan.reverse();
}

/**
 * Ranges whose hashes prove that `subtree` is part of the tree of `size` leaves; `[0, m)` gives the
 * ordinary consistency proof from m. The empty subtree has the empty proof.
 */
export function planConsistency(subtree: LeafRange, size: number): LeafRange[] {
  if (!isSubtree(subtree) || !Number.isSafeInteger(size) || subtree.end > size) {
    throw new FormatError('proof_impossible', 'The subtree is not part of a tree of that size.');
  }
  const plan: LeafRange[] = [];
  if (subtree.start === subtree.end) return plan;
  let { start } = subtree;
  let range: LeafRange = { start: 0, end: size };
  let straddled = false;
  while (start !== range.start || subtree.end !== range.end) {
    const split = range.start + splitPoint(range.end - range.start);
    const left = { start: range.start, end: split };
    const right = { start: split, end: range.end };
    if (subtree.end <= split) {
      plan.push(right);
      range = left;
      continue;
    }
    straddled ||= start < split;
    start = Math.max(start, split);
    plan.push(left);
    range = right;
  }
  if (straddled) plan.push(range);
  return plan.reverse();
}

/** The complete nodes whose hashes make up the hash of a range from a plan, left to right. */
export function nodesOfRange(range: LeafRange): TreeNode[] {
  if (!isLeafRange(range)) {
    throw new FormatError('proof_impossible', 'The range does not lie in any tree.');
  }
  const nodes: TreeNode[] = [];
  let { start } = range;
  while (start < range.end) {
    let level = 0;
    let span = 1;
    while (start % (span * 2) === 0 && start + span * 2 <= range.end) {
      level += 1;
      span *= 2;
    }
    nodes.push({ level, index: start / span });
    start += span;
  }
  return nodes;
}

/** The hash of a subtree, folded from its complete nodes. @throws what `read` throws */
export function hashRange(range: LeafRange, read: NodeReader): Uint8Array {
  if (!isSubtree(range)) {
    throw new FormatError('proof_impossible', 'Only a subtree has a hash.');
  }
  return (
    nodesOfRange(range)
      .map(read)
      .reduceRight<Uint8Array | undefined>(
        (right, left) => (right === undefined ? left : hashNode(left, right)),
        undefined,
      ) ?? EMPTY_ROOT
  );
}

/** Inclusion proof of a leaf in a subtree, or in the whole log as `{ start: 0, end: size }`. */
export function proveInclusion(index: number, tree: LeafRange, read: NodeReader): Uint8Array[] {
  return planInclusion(index, tree).map((range) => hashRange(range, read));
}

/** Consistency proof of a subtree, or of the older tree of m leaves as `{ start: 0, end: m }`. */
export function proveConsistency(subtree: LeafRange, size: number, read: NodeReader): Uint8Array[] {
  return planConsistency(subtree, size).map((range) => hashRange(range, read));
}
