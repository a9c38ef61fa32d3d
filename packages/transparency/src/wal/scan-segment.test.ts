import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeRecord, MAX_RECORD_BYTES, recordBytes } from './group-record.ts';
import { scanSegment } from './scan-segment.ts';
import {
  decodeSegmentHeader,
  encodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
} from './segment-header.ts';

const header = {
  sequence: 3,
  epoch: 2,
  firstIndex: 100,
  createdMs: 1,
  logId: Buffer.from('log-id-8'),
  salt: Buffer.from('salt-of8'),
};

/** A segment of `groups` groups of two entries, with room behind, and where each record starts. */
function segmentOf(groups: number, room = 4096): { bytes: Buffer; offsets: number[] } {
  const pieces = [encodeSegmentHeader(header)];
  const offsets: number[] = [];
  let offset = SEGMENT_HEADER_BYTES;
  for (let group = 0; group < groups; group += 1) {
    const entries = [Buffer.alloc(44, group + 1), Buffer.alloc(69, group + 1)];
    const piece = Buffer.alloc(recordBytes(entries));
    encodeRecord({ firstIndex: 100 + 2 * group, writtenMs: 5, entries }, header.salt, piece);
    offsets.push(offset);
    offset += piece.length;
    pieces.push(piece);
  }
  offsets.push(offset);
  return { bytes: Buffer.concat([...pieces, Buffer.alloc(room)]), offsets };
}

const scan = (bytes: Buffer) => scanSegment(bytes, header, '00000003.wal');

describe('a WAL segment', () => {
  it('knows its header again, and no other', () => {
    const bytes = encodeSegmentHeader(header);
    assert.deepEqual(decodeSegmentHeader(bytes), header);
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x20;
      assert.equal(decodeSegmentHeader(changed), undefined);
    }
  });

  it('gives back all its records', () => {
    const { bytes, offsets } = segmentOf(5);
    const { records, endIndex, endOffset, torn } = scan(bytes);
    assert.equal(records.length, 5);
    assert.deepEqual(
      { endIndex, endOffset, torn },
      { endIndex: 110, endOffset: offsets[5], torn: false },
    );
  });

  it('loses only the last record when that was torn at any byte', () => {
    const { bytes, offsets } = segmentOf(3);
    const [last = 0, end = 0] = offsets.slice(2);
    for (let cut = last; cut < end; cut += 1) {
      const torn = Buffer.from(bytes).fill(0, cut, end);
      // Zeros that were meant to be written cannot be missed.
      if (torn.equals(bytes)) continue;
      const found = scan(torn);
      assert.equal(found.endIndex, 104, `torn at ${cut}`);
      assert.equal(found.endOffset, last);
      assert.equal(found.torn, cut > last);
    }
  });

  it('loses only the last record when its pages reached the disk in another order', () => {
    const { bytes, offsets } = segmentOf(3);
    const [last = 0, end = 0] = offsets.slice(2);
    for (let from = last; from < end; from += 16) {
      const torn = Buffer.from(bytes).fill(0, from, Math.min(from + 16, end));
      if (torn.equals(bytes)) continue;
      assert.equal(scan(torn).endIndex, 104);
    }
  });

  it('with a damaged byte before its last record is refused, with the offset', () => {
    const { bytes, offsets } = segmentOf(3);
    const [first = 0, second = 0, third = 0] = offsets;
    for (let at = first; at < third; at += 1) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      const start = at < second ? first : second;
      assert.throws(() => scan(damaged), {
        code: 'wal_corrupt',
        message: new RegExp(`offset ${start}:`),
      });
    }
  });

  it('with a hole of zeros before its last record is refused', () => {
    const { bytes, offsets } = segmentOf(3);
    const [, second = 0, third = 0] = offsets;
    assert.throws(() => scan(Buffer.from(bytes).fill(0, second, third)), { code: 'wal_corrupt' });
  });

  it('with a record of another index is refused', () => {
    const { bytes, offsets } = segmentOf(3);
    const [first = 0, second = 0, third = 0] = offsets;
    const repeated = Buffer.concat([
      bytes.subarray(0, second),
      bytes.subarray(first, third),
      bytes.subarray(third),
    ]);
    assert.throws(() => scan(repeated), { code: 'wal_corrupt', message: /index 100, not 102/ });
  });

  it('with any bytes changed gives its first records or is refused, never others', () => {
    const { bytes } = segmentOf(4, 512);
    const whole = scan(bytes).records.map(({ entries }) => entries.map(String));
    const changes = fc.array(
      fc.tuple(fc.nat(bytes.length - 65), fc.uint8Array({ maxLength: 40 })),
      {
        minLength: 1,
        maxLength: 3,
      },
    );
    fc.assert(
      fc.property(changes, (places) => {
        const changed = Buffer.from(bytes);
        for (const [at, written] of places) {
          changed.set(written.subarray(0, changed.length - at - 64), at + 64);
        }
        try {
          const found = scan(changed).records.map(({ entries }) => entries.map(String));
          assert.deepEqual(found, whole.slice(0, found.length));
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'wal_corrupt');
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('with more debris behind its end than one write makes is refused', () => {
    const { bytes, offsets } = segmentOf(2, MAX_RECORD_BYTES + 4096);
    const [, , end = 0] = offsets;
    bytes[end + 1] = 1;
    assert.equal(scan(bytes).torn, true);
    bytes[end + MAX_RECORD_BYTES] = 1;
    assert.throws(() => scan(bytes), { code: 'wal_corrupt' });
  });
});
