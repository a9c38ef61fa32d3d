// Vectors of RFC 6962 §2.1, derived here a second time from its text alone (MTH, PATH and PROOF as
// written there, over node:crypto), for the eight leaves that implementations of it commonly share.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { hashLeaf } from './hash-node.ts';
import { naiveReader } from './naive-tree.ts';
import { hashRange, proveConsistency, proveInclusion } from './prove.ts';
import { verifyConsistency } from './verify-consistency.ts';
import { verifyInclusion } from './verify-inclusion.ts';

const INPUTS = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Buffer.from(hex, 'hex'));

/** Roots of the trees of the first 0 to 8 leaves. */
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const hash = (...parts: (Uint8Array | number)[]) => {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(typeof part === 'number' ? Uint8Array.of(part) : part);
  return sum.digest();
};

function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

function treeHash(inputs: Buffer[]): Buffer {
  const [only] = inputs;
  if (only === undefined) return hash();
  if (inputs.length === 1) return hash(0, only);
  const split = splitOf(inputs.length);
  return hash(1, treeHash(inputs.slice(0, split)), treeHash(inputs.slice(split)));
}

function auditPath(index: number, inputs: Buffer[]): Buffer[] {
  if (inputs.length === 1) return [];
  const split = splitOf(inputs.length);
  const [left, right] = [inputs.slice(0, split), inputs.slice(split)];
  return index < split
    ? [...auditPath(index, left), treeHash(right)]
    : [...auditPath(index - split, right), treeHash(left)];
}

function consistencyProof(older: number, inputs: Buffer[], whole = true): Buffer[] {
  if (older === inputs.length) return whole ? [] : [treeHash(inputs)];
  const split = splitOf(inputs.length);
  const [left, right] = [inputs.slice(0, split), inputs.slice(split)];
  return older <= split
    ? [...consistencyProof(older, left, whole), treeHash(right)]
    : [...consistencyProof(older - split, right, false), treeHash(left)];
}

const hexes = (hashes: Uint8Array[]) => hashes.map((bytes) => Buffer.from(bytes).toString('hex'));
const leaves = INPUTS.map((input) => hashLeaf(input));
const read = naiveReader(leaves);
const tree = (size: number) => ({ start: 0, end: size });
const root = (size: number) => hashRange(tree(size), read);

describe('RFC 6962', () => {
  it('gives the roots of the trees of 0 to 8 leaves', () => {
    for (const [size, expected] of ROOTS.entries()) {
      assert.equal(treeHash(INPUTS.slice(0, size)).toString('hex'), expected);
      assert.deepEqual(hexes([root(size)]), [expected]);
    }
  });

  it('gives every audit path of every tree, and ours verify', () => {
    for (let size = 1; size <= INPUTS.length; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const path = proveInclusion(index, tree(size), read);
        assert.deepEqual(hexes(path), hexes(auditPath(index, INPUTS.slice(0, size))));
        assert.ok(verifyInclusion(leaves[index] ?? root(0), index, size, path, root(size)));
      }
    }
  });

  it('gives every consistency proof of every pair of trees, and ours verify', () => {
    for (let size = 1; size <= INPUTS.length; size += 1) {
      for (let older = 1; older <= size; older += 1) {
        const proof = proveConsistency(tree(older), size, read);
        assert.deepEqual(hexes(proof), hexes(consistencyProof(older, INPUTS.slice(0, size))));
        assert.ok(verifyConsistency(older, size, proof, root(older), root(size)));
      }
    }
  });
});
