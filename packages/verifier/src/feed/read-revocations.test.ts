import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { isRevoked, readRevocations } from './read-revocations.ts';

const MAX_BYTES = 4_096;

function listOf(firstIndex: number, indexes: readonly number[]): string {
  const bits = indexes.map((index) => index - firstIndex);
  const bytes = Buffer.alloc(Math.floor(Math.max(-1, ...bits) / 8) + 1);
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7));
  return deflateSync(bytes).toString('base64url');
}

describe('the revocation bitmap', () => {
  it('names exactly the indexes that were put into it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 2 ** 47 }),
        fc.uniqueArray(fc.nat({ max: 2_000 }), { maxLength: 60 }),
        async (firstIndex, offsets) => {
          const indexes = offsets.map((offset) => firstIndex + offset);
          const list = listOf(firstIndex, indexes);
          const revocations = await readRevocations(firstIndex, list, MAX_BYTES);
          const revoked = new Set(indexes);
          for (let index = firstIndex - 20; index < firstIndex + 2_050; index += 1) {
            assert.equal(isRevoked(revocations, index), revoked.has(index));
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is zlib data and nothing else', async () => {
    const bytes = Buffer.of(1, 2, 3);
    for (const wrong of [
      deflateRawSync(bytes),
      gzipSync(bytes),
      bytes,
      Buffer.alloc(0),
      deflateSync(bytes).subarray(0, -1),
      Buffer.concat([deflateSync(bytes), Buffer.of(0)]),
    ]) {
      const list = wrong.toString('base64url');
      await assert.rejects(readRevocations(0, list, MAX_BYTES), { code: 'feed_malformed' }, list);
    }
  });

  it('is taken at its bound and refused one byte over it', async () => {
    const size = (count: number) => deflateSync(Buffer.alloc(count)).toString('base64url');
    assert.equal((await readRevocations(0, size(MAX_BYTES), MAX_BYTES)).bitmap.length, MAX_BYTES);
    await assert.rejects(readRevocations(0, size(MAX_BYTES + 1), MAX_BYTES), {
      code: 'feed_malformed',
    });
  });
});
