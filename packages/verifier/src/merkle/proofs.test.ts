// Proofs against the tree by its definition, for every size up to 130, and against synthetic trees
// whose sizes need more than 32 bits.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeHex } from '../bytes/hex.ts';
import { EMPTY_ROOT, hashLeaf, hashNode } from './hash-node.ts';
import { naiveReader, naiveRoot } from './naive-tree.ts';
import {
  hashRange,
  type NodeReader,
  nodesOfRange,
  proveConsistency,
  proveInclusion,
} from './prove.ts';
import { ceilingPower, isSubtree, splitPoint } from './subtree.ts';
import { verifyConsistency, verifySubtreeConsistency } from './verify-consistency.ts';
import {
  subtreeHashFromPath,
  verifyInclusion,
  verifySubtreeInclusion,
} from './verify-inclusion.ts';

const MOST = 130;
const leaves = Array.from({ length: MOST }, (_, at) => hashLeaf(Uint8Array.of(at, 1)));
const roots = Array.from({ length: MOST + 1 }, (_, size) => naiveRoot(leaves.slice(0, size)));
const read = naiveReader(leaves);
const root = (size: number) => roots[size] ?? EMPTY_ROOT;
const leaf = (index: number) => leaves[index] ?? EMPTY_ROOT;

/** The ways in which a proof may be wrong though every hash in it is one. */
function spoilt(proof: Uint8Array[]): Uint8Array[][] {
  const flipped = proof.map((hash, at) => proof.with(at, hash.with(31, (hash[31] ?? 0) ^ 1)));
  const longer = [
    [...proof, EMPTY_ROOT],
    [EMPTY_ROOT, ...proof],
  ];
  const shorter = proof.length > 0 ? [proof.slice(1), proof.slice(0, -1)] : [];
  const resized =
    proof.length > 0 ? [proof.with(0, new Uint8Array(31)), proof.with(0, new Uint8Array(33))] : [];
  return [...flipped, ...longer, ...shorter, ...resized];
}

test('the empty root, prefixes and splits are those of RFC 9162', () => {
  assert.equal(encodeHex(EMPTY_ROOT).slice(0, 8), 'e3b0c442');
  assert.deepEqual([1, 2, 3, 4, 5, 8, 9].map(ceilingPower), [1, 2, 4, 4, 8, 8, 16]);
  assert.deepEqual([2, 3, 4, 5, 8, 9].map(splitPoint), [1, 2, 2, 4, 4, 8]);
  const pair = new Uint8Array([...leaf(0), ...leaf(1)]);
  assert.notDeepEqual(hashLeaf(pair), hashNode(leaf(0), leaf(1)));
  assert.throws(() => hashNode(leaf(0), pair), { code: 'bytes_malformed' });
});

test('every leaf of every tree up to 130 is proven, and nowhere else', () => {
  for (let size = 1; size <= MOST; size += 1) {
    const subtree = { start: 0, end: size };
    assert.deepEqual(hashRange(subtree, read), root(size));
    for (let index = 0; index < size; index += 1) {
      const proof = proveInclusion(index, subtree, read);
      assert.ok(verifyInclusion(leaf(index), index, size, proof, root(size)));
      const other = (index + 1) % MOST;
      assert.ok(!verifyInclusion(leaf(other), index, size, proof, root(size)));
      if (other < size) assert.ok(!verifyInclusion(leaf(index), other, size, proof, root(size)));
      assert.ok(!verifyInclusion(leaf(index), index, size, proof, root((size + 1) % MOST)));
    }
  }
});

test('an inclusion proof that is short, long, changed or of wrong hashes is refused', () => {
  for (const size of [1, 2, 3, 7, 8, 9, 64, 65, 130]) {
    for (const index of [0, Math.floor(size / 2), size - 1]) {
      const proof = proveInclusion(index, { start: 0, end: size }, read);
      for (const bad of spoilt(proof)) {
        assert.ok(!verifyInclusion(leaf(index), index, size, bad, root(size)));
      }
    }
  }
});

test('an index at or past the size, negative or broken is refused', () => {
  for (const index of [1, 2, -1, 0.5, Number.NaN, 2 ** 53]) {
    assert.ok(!verifyInclusion(leaf(0), index, 1, [], root(1)), String(index));
    assert.throws(() => proveInclusion(index, { start: 0, end: 1 }, read), {
      code: 'proof_impossible',
    });
  }
  assert.ok(!verifyInclusion(leaf(0), 0, 0, [], EMPTY_ROOT));
  assert.ok(!verifyInclusion(new Uint8Array(31), 0, 1, [], new Uint8Array(31)));
});

test('every tree up to 130 is consistent with every later one, and with no other', () => {
  for (let size = 1; size <= MOST; size += 1) {
    for (let older = 1; older <= size; older += 1) {
      const proof = proveConsistency({ start: 0, end: older }, size, read);
      assert.ok(verifyConsistency(older, size, proof, root(older), root(size)));
      assert.ok(!verifyConsistency(older, size, proof, root(older - 1), root(size)));
      assert.ok(!verifyConsistency(older, size, proof, root(older), root(size - 1)));
    }
  }
});

test('a consistency proof that is short, long or changed is refused', () => {
  for (const [older, size] of [
    [1, 2],
    [3, 7],
    [4, 8],
    [6, 8],
    [64, 130],
    [129, 130],
  ] as const) {
    const proof = proveConsistency({ start: 0, end: older }, size, read);
    for (const bad of spoilt(proof)) {
      assert.ok(!verifyConsistency(older, size, bad, root(older), root(size)), `${older} ${size}`);
    }
  }
});

test('nothing is proven from the empty tree, and equal sizes need equal roots and no proof', () => {
  assert.ok(verifyConsistency(0, 0, [], EMPTY_ROOT, EMPTY_ROOT));
  assert.ok(!verifyConsistency(0, 0, [], root(1), root(1)));
  assert.ok(!verifyConsistency(0, 5, [], EMPTY_ROOT, root(5)));
  assert.ok(verifyConsistency(5, 5, [], root(5), root(5)));
  assert.ok(!verifyConsistency(5, 5, [], root(5), root(6)));
  assert.ok(!verifyConsistency(5, 5, [leaf(0)], root(5), root(5)));
  assert.ok(!verifyConsistency(6, 5, [], root(6), root(5)));
  assert.ok(!verifyConsistency(-1, 5, [], root(1), root(5)));
});

test('misaligned and reversed ranges are no subtrees', () => {
  const ranges = [
    [1, 3],
    [2, 5],
    [4, 3],
    [-2, 0],
    [0.5, 1],
    [0, 2 ** 53],
  ] as const;
  for (const [start, end] of ranges) {
    const range = { start, end };
    assert.ok(!isSubtree(range), `${start}-${end}`);
    assert.ok(!verifySubtreeInclusion(leaf(2), 2, range, [], leaf(2)));
    assert.equal(subtreeHashFromPath(leaf(2), 2, range, []), undefined);
    assert.ok(!verifySubtreeConsistency(range, 8, [], root(8), root(8)));
    assert.throws(() => hashRange(range, read), { code: 'proof_impossible' });
    assert.throws(() => proveConsistency(range, 8, read), { code: 'proof_impossible' });
  }
  assert.throws(() => nodesOfRange({ start: 2, end: 1 }), { code: 'proof_impossible' });
  assert.throws(() => proveConsistency({ start: 0, end: 9 }, 8, read), {
    code: 'proof_impossible',
  });
  assert.ok(!verifySubtreeConsistency({ start: 0, end: 9 }, 8, [], root(8), root(8)));
});

test('an index outside its subtree is refused on both sides', () => {
  const range = { start: 8, end: 12 };
  const hash = hashRange(range, read);
  const proof = proveInclusion(9, range, read);
  assert.ok(verifySubtreeInclusion(leaf(9), 9, range, proof, hash));
  for (const index of [5, 7, 12, 13, 1]) {
    assert.ok(!verifySubtreeInclusion(leaf(9), index, range, proof, hash));
  }
});

test('the empty subtree has only its own hash and the empty proof', () => {
  const empty = { start: 3, end: 3 };
  assert.deepEqual(proveConsistency(empty, 8, read), []);
  assert.ok(verifySubtreeConsistency(empty, 8, [], EMPTY_ROOT, root(8)));
  assert.ok(!verifySubtreeConsistency(empty, 8, [leaf(1)], EMPTY_ROOT, root(8)));
  assert.ok(!verifySubtreeConsistency(empty, 8, [], root(1), root(8)));
});

/** A tree of any size whose leaves are all alike but one. */
function syntheticReader(odd: number): NodeReader {
  const alike: Uint8Array[] = [leaf(0)];
  const holding: Uint8Array[] = [leaf(1)];
  for (let level = 0; level < 53; level += 1) {
    const plain = alike[level] ?? EMPTY_ROOT;
    const marked = holding[level] ?? EMPTY_ROOT;
    const onRight = Math.floor(odd / 2 ** level) % 2 === 1;
    alike.push(hashNode(plain, plain));
    holding.push(onRight ? hashNode(plain, marked) : hashNode(marked, plain));
  }
  return ({ level, index }) => {
    const hashes = Math.floor(odd / 2 ** level) === index ? holding : alike;
    return hashes[level] ?? EMPTY_ROOT;
  };
}

test('sizes and indexes beyond 32 bits are proven and verified exactly', () => {
  for (const size of [2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 + 5, 2 ** 48 + 1, 2 ** 53 - 1]) {
    for (const index of [0, 1, 2 ** 30, Math.floor(size / 2), size - 2, size - 1]) {
      const synthetic = syntheticReader(index);
      const tree = { start: 0, end: size };
      const newRoot = hashRange(tree, synthetic);
      const proof = proveInclusion(index, tree, synthetic);
      assert.ok(verifyInclusion(leaf(1), index, size, proof, newRoot));
      for (const near of [index - 1, index + 1, index % 2 ** 32, index + 2 ** 32]) {
        if (near !== index) assert.ok(!verifyInclusion(leaf(1), near, size, proof, newRoot));
      }
      const older = Math.max(1, index);
      const oldTree = { start: 0, end: older };
      const consistency = proveConsistency(oldTree, size, synthetic);
      const oldRoot = hashRange(oldTree, synthetic);
      assert.ok(verifyConsistency(older, size, consistency, oldRoot, newRoot));
      assert.ok(!verifyConsistency(older, size, consistency, newRoot, oldRoot));
    }
  }
});
