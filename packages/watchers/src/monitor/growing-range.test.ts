import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { TinyLog } from '../testing/tiny-log.ts';
import { GrowingRange, rangeLength } from './growing-range.ts';

describe('a growing range', () => {
  it('has the root of the tree at every size, also when it is taken up again', () => {
    const log = new TinyLog().grow(600);
    let range = new GrowingRange();
    for (let size = 0; size <= 600; size += 1) {
      assert.deepEqual(range.root(), log.root(size), `size ${size}`);
      assert.equal(range.hashes.length, rangeLength(size));
      if (size % 7 === 0) range = new GrowingRange(size, range.hashes);
      if (size < 600) range.add(log.node({ level: 0, index: size }));
    }
  });

  it('tells of every node that becomes complete, once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), (size) => {
        const log = new TinyLog().grow(size);
        const range = new GrowingRange();
        const told = new Set<string>();
        for (let index = 0; index < size; index += 1) {
          range.add(log.node({ level: 0, index }), (level, at, hash) => {
            assert.deepEqual(hash, log.node({ level, index: at }));
            assert.ok(!told.has(`${level}/${at}`));
            told.add(`${level}/${at}`);
          });
        }
        let complete = 0;
        for (let span = 1; span <= size; span *= 2) complete += Math.floor(size / span);
        assert.equal(told.size, complete);
      }),
    );
  });
});
