import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCodedError } from '@countersign/vocabulary';
import fc from 'fast-check';
import { packBitmap } from './revocation-bitmap.ts';

test('bit i of the bitmap, least significant first, is log index firstIndex + i', () => {
  const { firstIndex, bitmap, count } = packBitmap([17, 19, 40]);
  assert.equal(firstIndex, 16);
  assert.deepEqual([...bitmap], [0b0000_1010, 0, 0, 0b0000_0001]);
  assert.equal(count, 3);
});

test('nothing revoked is an empty bitmap', () => {
  assert.deepEqual(packBitmap([]), { firstIndex: 0, bitmap: new Uint8Array(0), count: 0 });
});

test('exactly the revoked indexes are set, also beyond 32 bits', () => {
  const base = 2 ** 33;
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(5000), { minLength: 1 }), (offsets) => {
      const indexes = offsets.map((offset) => base + offset);
      const { firstIndex, bitmap } = packBitmap(indexes);
      assert.equal(firstIndex % 8, 0);
      const set: number[] = [];
      for (let bit = 0; bit < bitmap.length * 8; bit += 1) {
        if (((bitmap[bit >> 3] ?? 0) >> (bit & 7)) & 1) set.push(firstIndex + bit);
      }
      assert.deepEqual(
        set,
        indexes.toSorted((left, right) => left - right),
      );
    }),
  );
});

test('a list that cannot be told is refused, never cut', () => {
  assert.throws(
    () => packBitmap([0, 2 ** 40]),
    (error) => isCodedError(error) && error.code === 'revocation_range_too_large',
  );
});
