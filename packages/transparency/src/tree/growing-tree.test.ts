import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EMPTY_ROOT, hashLeaf, hashNode, hashRange, type NodeReader } from '@countersign/verifier';
import fc from 'fast-check';
import { GrowingTree } from './growing-tree.ts';
import { rootOf, sealGroup } from './seal-group.ts';
import { alignedCount, cutIntoSubtrees, subtreeRoot } from './seal-subtree.ts';

const entries = Array.from({ length: 600 }, (_, at) => Buffer.from(`leaf ${at}`));
const leaves = entries.map(hashLeaf);

/** The tree by its definition, from the leaves. */
const readNode: NodeReader = ({ level, index }) =>
  level === 0
    ? (leaves[index] ?? assert.fail())
    : hashNode(
        readNode({ level: level - 1, index: 2 * index }),
        readNode({ level: level - 1, index: 2 * index + 1 }),
      );
const rootAt = (size: number): Uint8Array => hashRange({ start: 0, end: size }, readNode);

describe('the growing tree', () => {
  it('has the root of the tree by its definition at every size', () => {
    const tree = new GrowingTree(() => undefined);
    assert.deepEqual(tree.root(), EMPTY_ROOT);
    leaves.forEach((leaf, at) => {
      tree.push(0, leaf);
      assert.deepEqual(Buffer.from(tree.root()), Buffer.from(rootAt(at + 1)), `size ${at + 1}`);
    });
  });

  it('grows to the same root whatever the groups were', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 8 }), (groups) => {
        const tree = new GrowingTree(() => undefined);
        for (const group of groups) {
          const end = Math.min(tree.size + group, leaves.length);
          for (const subtree of sealGroup(tree.size, entries.slice(tree.size, end)).subtrees) {
            tree.push(subtree.level, rootOf(subtree));
          }
        }
        assert.deepEqual(Buffer.from(tree.root()), Buffer.from(rootAt(tree.size)));
      }),
      { numRuns: 50 },
    );
  });

  it('tells of every complete node of levels 8 and 16 once, in order', () => {
    const told: number[] = [];
    const tree = new GrowingTree((level) => told.push(level));
    const hash = leaves[0] ?? assert.fail();
    for (let tile = 0; tile < 257; tile += 1) tree.push(8, hash);
    assert.deepEqual(told.filter((level) => level === 8).length, 257);
    assert.deepEqual(told.indexOf(16), 256);
    assert.equal(told.filter((level) => level === 16).length, 1);
  });

  it('does not take a subtree where none can be', () => {
    const tree = new GrowingTree(() => undefined);
    tree.push(0, leaves[0] ?? assert.fail());
    assert.throws(() => tree.push(1, leaves[1] ?? assert.fail()), /does not fit/);
  });
});

describe('a group', () => {
  it('is cut into the fewest aligned subtrees of at most 256 leaves, without gap or overlap', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), fc.integer({ min: 1, max: 5000 }), (start, count) => {
        const cut = cutIntoSubtrees(start, start + count);
        let at = start;
        cut.forEach((part, place) => {
          const span = part.end - part.start;
          assert.equal(part.start, at);
          assert.ok(span <= 256 && Number.isInteger(Math.log2(span)));
          assert.equal(part.start % span, 0);
          const next = cut[place + 1];
          if (next !== undefined && next.end - next.start === span && span < 256) {
            assert.notEqual(part.start % (2 * span), 0, 'two that could have been one');
          }
          at = part.end;
        });
        assert.equal(at, start + count);
        assert.ok(cut.length <= Math.ceil(count / 256) + 16);
      }),
    );
  });

  it('of one entry is a subtree of its own', () => {
    assert.deepEqual(cutIntoSubtrees(7, 8), [{ start: 7, end: 8 }]);
    const { leafHashes, subtrees } = sealGroup(7, [entries[7] ?? assert.fail()]);
    assert.deepEqual(Buffer.from(leafHashes), Buffer.from(leaves[7] ?? []));
    assert.deepEqual(subtrees, [{ start: 7, level: 0, nodes: leafHashes }]);
  });

  it('holds the hashes of its subtrees level by level, as the verifier computes them', () => {
    const { leafHashes, subtrees } = sealGroup(3, entries.slice(3, 600));
    assert.deepEqual(Buffer.from(leafHashes), Buffer.concat(leaves.slice(3)));
    for (const { start, level, nodes } of subtrees) {
      const expected: Uint8Array[] = [];
      for (let height = 0; height <= level; height += 1) {
        const first = start / 2 ** height;
        for (let at = 0; at < 2 ** (level - height); at += 1) {
          expected.push(readNode({ level: height, index: first + at }));
        }
      }
      assert.deepEqual(nodes, Buffer.concat(expected));
      const own = leaves.slice(start, start + 2 ** level);
      assert.deepEqual(Buffer.from(subtreeRoot(own)), nodes.subarray(-32));
    }
  });

  it('hashes entries of any length', () => {
    const odd = [0, 1, 44, 255, 256, 65_535, 3].map((length) => Buffer.alloc(length, length));
    const { leafHashes } = sealGroup(0, odd);
    assert.deepEqual(leafHashes, Buffer.concat(odd.map(hashLeaf)));
  });

  it('takes at least half of what waits, and soon ends where a whole subtree does', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), fc.integer({ min: 1, max: 4096 }), (start, waiting) => {
        const count = alignedCount(start, waiting);
        assert.ok(count >= waiting / 2 && count <= waiting);
        if (waiting < 8) assert.equal(count, waiting);
      }),
    );
    for (const writers of [8, 16, 100, 256]) {
      // Each writer asks again as soon as it is answered, so as many wait as there are writers.
      let size = 5;
      for (let group = 0; group < 12; group += 1) size += alignedCount(size, writers);
      const end = size + alignedCount(size, writers);
      assert.ok(cutIntoSubtrees(size, end).length <= 3, `${writers} writers`);
    }
  });
});
