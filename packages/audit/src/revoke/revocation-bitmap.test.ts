import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { packBitmaps, type RevocationBitmap } from './revocation-bitmap.ts';

function packBitmap(indexes: readonly number[]): RevocationBitmap {
  return packBitmaps([indexes])[0] ?? assert.fail();
}

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

test('a list that cannot be told is never cut: it becomes all of its log, and stops no other', () => {
  const far = [0, 2 ** 40];
  const [closed, open] = packBitmaps([far, [17]]);
  assert.deepEqual(closed, { firstIndex: 0, bitmap: new Uint8Array(0), count: 2, all: true });
  assert.deepEqual(open, packBitmap([17]));
});

test('all lists together stay within what a verifier takes, the widest last', () => {
  const [wide, narrow, widest] = [
    [0, 8 * 60 - 1],
    [7, 8 * 40 - 1],
    [0, 8 * 61],
  ] as const;
  const told = (logs: (readonly number[])[]) =>
    packBitmaps(logs, 100).map(({ bitmap, all }) => all ?? bitmap.length);
  assert.deepEqual(told([wide, narrow]), [60, 40]);
  assert.deepEqual(told([widest, narrow]), [true, 40]);
  assert.deepEqual(told([widest, narrow, wide, []]), [true, 40, 60, 0]);
});
