import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { RootAccumulator } from './grow-root.ts';
import { EMPTY_ROOT, hashLeaf, hashNode } from './hash-node.ts';
import { naiveReader, naiveRoot } from './naive-tree.ts';
import { nodesOfRange } from './prove.ts';

const leaves = Array.from({ length: 600 }, (_, at) => hashLeaf(Uint8Array.of(at >> 8, at)));

describe('a root that grows leaf by leaf', () => {
  it('is that of the tree, at every size', () => {
    const growing = new RootAccumulator();
    for (let size = 0; size <= 300; size += 1) {
      assert.deepEqual(growing.root(), naiveRoot(leaves.slice(0, size)), `size ${size}`);
      assert.equal(growing.size, size);
      growing.add(leaves[size] ?? EMPTY_ROOT);
    }
  });

  it('goes on from any size whose hashes it is given', () => {
    const read = naiveReader(leaves);
    const sizes = fc.nat(600).chain((end) => fc.tuple(fc.nat(end), fc.constant(end)));
    fc.assert(
      fc.property(sizes, ([from, end]) => {
        const peaks = nodesOfRange({ start: 0, end: from }).map(read);
        const growing = new RootAccumulator(from, peaks);
        for (const leaf of leaves.slice(from, end)) growing.add(leaf);
        assert.deepEqual(growing.root(), naiveRoot(leaves.slice(0, end)));
      }),
    );
  });

  it('grows beyond 32 bits', () => {
    const [one = EMPTY_ROOT, two = EMPTY_ROOT, three = EMPTY_ROOT] = leaves;
    const growing = new RootAccumulator(2 ** 40 + 1, [one, two]);
    growing.add(three);
    assert.equal(growing.size, 2 ** 40 + 2);
    assert.deepEqual(growing.root(), hashNode(one, hashNode(two, three)));
  });

  it('is another when any hash it began with is', () => {
    const read = naiveReader(leaves);
    const peaks = nodesOfRange({ start: 0, end: 77 }).map(read);
    for (const at of peaks.keys()) {
      const growing = new RootAccumulator(77, peaks.with(at, EMPTY_ROOT));
      assert.notDeepEqual(growing.root(), naiveRoot(leaves.slice(0, 77)));
    }
  });

  it('does not begin with hashes that are too many or too few', () => {
    for (const peaks of [[], [EMPTY_ROOT], [EMPTY_ROOT, EMPTY_ROOT, EMPTY_ROOT]]) {
      assert.throws(() => new RootAccumulator(3, peaks), { code: 'proof_impossible' });
    }
  });

  it('tells of every node that becomes complete, once', () => {
    const read = naiveReader(leaves);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), (size) => {
        const growing = new RootAccumulator();
        const told = new Set<string>();
        for (const leaf of leaves.slice(0, size)) {
          growing.add(leaf, (level, index, hash) => {
            assert.deepEqual(hash, read({ level, index }));
            assert.ok(!told.has(`${level}/${index}`));
            told.add(`${level}/${index}`);
          });
        }
        let complete = 0;
        for (let span = 1; span <= size; span *= 2) complete += Math.floor(size / span);
        assert.equal(told.size, complete);
      }),
    );
  });

  it('is taken up again from its peaks, and a copy grows on its own', () => {
    let growing = new RootAccumulator();
    for (const [size, leaf] of leaves.slice(0, 300).entries()) {
      const copy = growing.copy();
      copy.add(EMPTY_ROOT);
      assert.deepEqual(growing.root(), naiveRoot(leaves.slice(0, size)));
      if (size % 7 === 0) growing = new RootAccumulator(size, growing.peaks);
      growing.add(leaf);
    }
  });
});
