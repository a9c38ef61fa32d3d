import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkTileBytes } from './check-tile-bytes.ts';
import { encodeBundle } from './entry-bundle.ts';

const corrupt = { code: 'tiles_corrupt' };

describe('the bytes of a tile', () => {
  it('are 8,192 at a full path, and 32 for each hash at a partial one', () => {
    for (const level of [0, 1, 63]) {
      checkTileBytes({ level, index: 0, width: 256 }, Buffer.alloc(8192));
      for (const bytes of [0, 32, 8160, 8191, 8193]) {
        const place = { level, index: 1, width: 256 };
        assert.throws(() => checkTileBytes(place, Buffer.alloc(bytes)), corrupt, String(bytes));
      }
      checkTileBytes({ level, index: 0, width: 17 }, Buffer.alloc(17 * 32));
      const partial = { level, index: 0, width: 17 };
      assert.throws(() => checkTileBytes(partial, Buffer.alloc(16 * 32)), corrupt);
      assert.throws(() => checkTileBytes(partial, Buffer.alloc(8192)), corrupt);
    }
  });

  it('of a bundle hold exactly as many entries as its hash tile holds hashes', () => {
    const entries = Array.from({ length: 256 }, (_, at) => Buffer.alloc(at));
    const width = (count: number) => ({ level: 'entries' as const, index: 0, width: count });
    for (const count of [1, 255, 256]) {
      const bundle = encodeBundle(entries.slice(0, count));
      checkTileBytes(width(count), bundle);
      for (const other of [count - 1, count + 1]) {
        assert.throws(() => checkTileBytes(width(other), bundle), corrupt);
      }
      assert.throws(() => checkTileBytes(width(count), bundle.subarray(0, -1)), corrupt);
    }
    assert.throws(() => checkTileBytes(width(256), Buffer.alloc(0)), corrupt);
  });

  it('take entries of 0 and of 65,535 bytes', () => {
    const entries = [Buffer.alloc(0), Buffer.alloc(65_535, 7), Buffer.alloc(0)];
    checkTileBytes({ level: 'entries', index: 0, width: 3 }, encodeBundle(entries));
    assert.throws(() => encodeBundle([Buffer.alloc(65_536)]), { code: 'ERR_OUT_OF_RANGE' });
  });
});
