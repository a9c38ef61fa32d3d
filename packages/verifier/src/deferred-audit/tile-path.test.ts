import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { tileHolding, tilePath } from './tile-path.ts';

describe('the place of a hash in the tiles', () => {
  it('is spelled as C2SP tlog-tiles spells it', () => {
    const spelled = (number: number, width = 256) => tilePath({ level: 0, number, width });
    assert.equal(spelled(0), 'tile/0/000');
    assert.equal(spelled(999), 'tile/0/999');
    assert.equal(spelled(1_000), 'tile/0/x001/000');
    assert.equal(spelled(1_234_067), 'tile/0/x001/x234/067');
    assert.equal(spelled(273, 112), 'tile/0/273.p/112');
    assert.equal(tilePath({ level: 5, number: 0, width: 1 }), 'tile/5/000.p/1');
  });

  it('is in a partial tile only at the right edge of its level', () => {
    assert.deepEqual(tileHolding(0, 69_999, 70_000), { level: 0, number: 273, width: 112 });
    assert.deepEqual(tileHolding(0, 0, 70_000), { level: 0, number: 0, width: 256 });
    assert.deepEqual(tileHolding(1, 272, 70_000), { level: 1, number: 1, width: 17 });
    assert.deepEqual(tileHolding(2, 0, 70_000), { level: 2, number: 0, width: 1 });
    assert.deepEqual(tileHolding(0, 255, 256), { level: 0, number: 0, width: 256 });
    assert.deepEqual(tileHolding(0, 256, 257), { level: 0, number: 1, width: 1 });
  });

  it('holds the hash, whatever the tree, beyond 32 bits too', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 48 }),
        fc.integer({ min: 0, max: 5 }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (size, level, part) => {
          const hashes = Math.floor(size / 256 ** level);
          fc.pre(hashes > 0);
          const position = Math.floor(hashes * part);
          const { number, width } = tileHolding(level, position, size);
          assert.ok(number * 256 <= position && position < number * 256 + width);
          assert.ok(width >= 1 && width <= 256);
          assert.ok(number * 256 + width <= hashes);
        },
      ),
    );
  });
});
