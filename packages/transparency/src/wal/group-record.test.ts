import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  decodeRecord,
  encodeRecord,
  MAX_GROUP_ENTRIES,
  MAX_RECORD_BYTES,
  recordBytes,
} from './group-record.ts';

const salt = Buffer.from('a1b2c3d4e5f60708', 'hex');
const groups = fc.record({
  firstIndex: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  writtenMs: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  entries: fc.array(fc.uint8Array({ maxLength: 80 }), { minLength: 1, maxLength: 20 }),
});

function encode(group: Parameters<typeof encodeRecord>[0]): Buffer {
  const target = Buffer.alloc(recordBytes(group.entries), 0xff);
  assert.equal(encodeRecord(group, salt, target), target.length);
  return target;
}

describe('a WAL record', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(groups, (group) => {
        const bytes = encode(group);
        const { nextOffset, entries, ...rest } = decodeRecord(bytes, 0, salt) ?? assert.fail();
        assert.equal(nextOffset, bytes.length);
        assert.deepEqual(rest, { firstIndex: group.firstIndex, writtenMs: group.writtenMs });
        assert.deepEqual(entries.map(Buffer.from), group.entries.map(Buffer.from));
      }),
    );
  });

  it('with any bit changed is no record', () => {
    fc.assert(
      fc.property(groups, fc.nat(), (group, at) => {
        const bytes = encode(group);
        const bit = at % (bytes.length * 8);
        const place = Math.floor(bit / 8);
        bytes[place] = (bytes[place] ?? 0) ^ (1 << (bit % 8));
        assert.equal(decodeRecord(bytes, 0, salt), undefined);
      }),
      { numRuns: 500 },
    );
  });

  it('cut anywhere is no record', () => {
    const bytes = encode({ firstIndex: 7, writtenMs: 9, entries: [Buffer.from('abc')] });
    for (let length = 0; length < bytes.length; length += 1) {
      assert.equal(decodeRecord(bytes.subarray(0, length), 0, salt), undefined);
    }
  });

  it('under another salt is no record, so no entry can pass for one', () => {
    const bytes = encode({ firstIndex: 7, writtenMs: 9, entries: [Buffer.from('abc')] });
    assert.equal(decodeRecord(bytes, 0, Buffer.alloc(8)), undefined);
  });

  it('holds the largest group there is', () => {
    const entries = Array.from({ length: MAX_GROUP_ENTRIES }, () => Buffer.alloc(255, 1));
    const bytes = encode({ firstIndex: 0, writtenMs: 0, entries });
    assert.ok(bytes.length <= MAX_RECORD_BYTES);
    assert.equal(decodeRecord(bytes, 0, salt)?.entries.length, MAX_GROUP_ENTRIES);
  });
});
