import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  EMPTY_ROOT,
  hashLeaf,
  hashRange,
  type NodeReader,
  verifySubtreeInclusion,
} from '@countersign/verifier';
import fc from 'fast-check';
import { GrowingTree } from './growing-tree.ts';
import { cutIntoSubtrees, pathWithin, sealSubtree } from './seal-subtree.ts';

const leaves = Array.from({ length: 600 }, (_, at) => hashLeaf(Buffer.from(`leaf ${at}`)));

/** The tree by its definition, from the leaves. */
const readNode: NodeReader = ({ level, index }) =>
  sealSubtree(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)).root;
const rootOf = (size: number): Uint8Array => hashRange({ start: 0, end: size }, readNode);

describe('the growing tree', () => {
  it('has the root of the tree by its definition at every size', () => {
    const tree = new GrowingTree(() => undefined);
    assert.deepEqual(tree.root(), EMPTY_ROOT);
    leaves.forEach((leaf, at) => {
      tree.push(0, leaf);
      assert.deepEqual(Buffer.from(tree.root()), Buffer.from(rootOf(at + 1)), `size ${at + 1}`);
    });
  });

  it('grows to the same root whatever the groups were', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 8 }), (groups) => {
        const tree = new GrowingTree(() => undefined);
        for (const group of groups) {
          const end = Math.min(tree.size + group, leaves.length);
          for (const { start, end: stop } of cutIntoSubtrees(tree.size, end)) {
            tree.push(Math.log2(stop - start), sealSubtree(leaves.slice(start, stop)).root);
          }
        }
        assert.deepEqual(Buffer.from(tree.root()), Buffer.from(rootOf(tree.size)));
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

  it('of one entry is a subtree of its own with an empty path', () => {
    assert.deepEqual(cutIntoSubtrees(7, 8), [{ start: 7, end: 8 }]);
    const leaf = leaves[7] ?? assert.fail();
    assert.deepEqual(pathWithin(sealSubtree([leaf]), 0), []);
    assert.equal(sealSubtree([leaf]).root, leaf);
  });

  it('gives every leaf a path that the verifier accepts', () => {
    for (const span of [1, 2, 4, 64, 256]) {
      const sealed = sealSubtree(leaves.slice(0, span));
      for (let at = 0; at < span; at += 1) {
        const subtree = { start: 512, end: 512 + span };
        const leaf = leaves[at] ?? assert.fail();
        assert.ok(
          verifySubtreeInclusion(leaf, 512 + at, subtree, pathWithin(sealed, at), sealed.root),
        );
      }
    }
  });
});
