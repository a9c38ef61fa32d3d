// Anchor leaves byte by byte, put together here a second time by hand.

import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type AnchorLeaf,
  decodeAnchorLeaf,
  encodeAnchorLeaf,
  hashInstance,
} from './anchor-entry.ts';
import { entryTimeMs } from './entry-time.ts';
import { decodeLogEntry } from './key-entry.ts';

const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
const leaves: fc.Arbitrary<AnchorLeaf> = fc.record(
  {
    atMs: fc.nat({ max: 2 ** 48 - 1 }),
    instanceHash: bytes,
    anchor: fc.integer({ min: 1, max: 2 ** 48 - 1 }),
    root: bytes,
  },
  { noNullPrototype: true },
);
const SOUND: AnchorLeaf = {
  atMs: 0x0102_0304_0506,
  instanceHash: new Uint8Array(32).fill(0xaa),
  anchor: 0x0708,
  root: new Uint8Array(32).fill(0xbb),
};

describe('an anchor leaf', () => {
  it('is laid out as decided', () => {
    const expected = `03010203040506${'aa'.repeat(32)}000000000708${'bb'.repeat(32)}`;
    assert.equal(Buffer.from(encodeAnchorLeaf(SOUND)).toString('hex'), expected);
  });

  it('names its installation by a hash that only who knows the name can make', () => {
    const expected = createHash('sha256').update('countersign/instance/v1\nhouse-1').digest();
    assert.deepEqual(Buffer.from(hashInstance('house-1')), expected);
  });

  it('decodes to what was encoded, as any entry of the log too', () => {
    fc.assert(
      fc.property(leaves, (leaf) => {
        const encoded = encodeAnchorLeaf(leaf);
        assert.deepEqual(decodeAnchorLeaf(encoded), leaf);
        assert.deepEqual(decodeLogEntry(encoded), { kind: 'anchor', ...leaf });
        assert.equal(entryTimeMs(encoded), leaf.atMs);
      }),
    );
  });

  it('of another version, size or number 0 is refused', () => {
    const sound = encodeAnchorLeaf(SOUND);
    const bad = [
      sound.with(0, 2),
      sound.with(0, 4),
      sound.slice(0, -1),
      Uint8Array.from([...sound, 0]),
      new Uint8Array(0),
      Uint8Array.from(sound).fill(0, 39, 45),
    ];
    for (const broken of bad) {
      assert.throws(() => decodeAnchorLeaf(broken), { code: 'leaf_malformed' });
      assert.throws(() => decodeLogEntry(broken), { code: 'leaf_malformed' });
    }
  });

  it('is not made from what does not fit', () => {
    const code = 'leaf_malformed';
    for (const size of [31, 33]) {
      const wrong = new Uint8Array(size);
      assert.throws(() => encodeAnchorLeaf({ ...SOUND, instanceHash: wrong }), { code });
      assert.throws(() => encodeAnchorLeaf({ ...SOUND, root: wrong }), { code });
    }
    assert.throws(() => encodeAnchorLeaf({ ...SOUND, anchor: 0 }), { code });
    for (const change of [{ atMs: 2 ** 48 }, { anchor: 2 ** 48 }]) {
      assert.throws(() => encodeAnchorLeaf({ ...SOUND, ...change }), {
        code: 'number_out_of_range',
      });
    }
  });
});
