// The four accumulated vectors of the Merkle Tree Certificates draft: one digest over every subtree,
// proof and covering pair of all trees up to 130 leaves.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { encodeHex } from '../bytes/hex.ts';
import { hashLeaf } from './hash-node.ts';
import { naiveReader } from './naive-tree.ts';
import { hashRange, proveConsistency, proveInclusion } from './prove.ts';
import { coveringPair, isSubtree, type LeafRange } from './subtree.ts';
import { verifySubtreeConsistency } from './verify-consistency.ts';
import { verifySubtreeInclusion } from './verify-inclusion.ts';

const MOST = 130;
const leaves = Array.from({ length: MOST }, (_, byte) => hashLeaf(Uint8Array.of(byte)));
const read = naiveReader(leaves);

function* ranges(): Generator<LeafRange> {
  for (let end = 0; end <= MOST; end += 1) {
    for (let start = 0; start <= end; start += 1) yield { start, end };
  }
}

function* subtrees(): Generator<LeafRange> {
  for (const range of ranges()) if (isSubtree(range)) yield range;
}

const bracket = ({ start, end }: LeafRange): string => `[${start}, ${end})`;
const listed = (hashes: Uint8Array[]): string =>
  hashes.map((hash) => ` ${encodeHex(hash)}`).join('');

function digest(lines: Iterable<string>): string {
  const sum = createHash('sha256');
  for (const line of lines) sum.update(`${line}\n`);
  return sum.digest('hex');
}

test('the hash of every subtree agrees with the draft', () => {
  const lines = [...subtrees()].map(
    (range) => `${bracket(range)} ${encodeHex(hashRange(range, read))}`,
  );
  assert.equal(digest(lines), 'b82806ad4265bb151c1119c0f4db437bb4d1a1f887b3a7fba1cd4ebf552e3e81');
});

test('every subtree inclusion proof agrees with the draft and verifies', () => {
  const lines: string[] = [];
  for (const range of subtrees()) {
    const hash = hashRange(range, read);
    for (let index = range.start; index < range.end; index += 1) {
      const proof = proveInclusion(index, range, read);
      lines.push(`${index} ${bracket(range)}${listed(proof)}`);
      assert.ok(verifySubtreeInclusion(leaves[index] ?? hash, index, range, proof, hash));
    }
  }
  assert.equal(digest(lines), 'ac2a8f989e44d99e399db448050ff5f19757df53cfb716aa81015d3955d8163f');
});

test('every subtree consistency proof agrees with the draft and verifies', () => {
  const sum = createHash('sha256');
  for (let size = 0; size <= MOST; size += 1) {
    const root = hashRange({ start: 0, end: size }, read);
    for (const range of subtrees()) {
      if (range.end > size) break;
      const proof = proveConsistency(range, size, read);
      sum.update(`${bracket(range)} ${size}${listed(proof)}\n`);
      assert.ok(verifySubtreeConsistency(range, size, proof, hashRange(range, read), root));
    }
  }
  assert.equal(
    sum.digest('hex'),
    '10fa99b37bf9bf9ffa26b412fbd98bd75363256d0b75d61bc4538b9c9c5a0a74',
  );
});

test('every covering pair agrees with the draft', () => {
  const lines = [...ranges()].map((range) => {
    const [left, right] = coveringPair(range);
    return `${bracket(left)} ${bracket(right)}`;
  });
  assert.equal(digest(lines), '7fd9c8b926e9d2b5cf831560e8ce295a5ef97ad5c5ede4ea0dea28a8c8fc8bb0');
});
