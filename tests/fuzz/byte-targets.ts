// What the fuzzer holds the binary formats to: whatever is accepted is encoded again to the very
// same bytes, and a damaged WAL never yields an entry that was not written.

import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import {
  decodeLogEntry,
  decodeReceipt,
  encodeAnchorLeaf,
  encodeKeyEntry,
  encodeLeafEntry,
  encodeReceipt,
  FormatError,
  type LeafTags,
  type LogEntry,
} from '@countersign/verifier';
import { isCodedError } from '@countersign/vocabulary';
import {
  encodeRecord,
  MAX_RECORD_BYTES,
  RECORD_HEADER_BYTES,
} from '../../packages/transparency/src/wal/group-record.ts';
import { scanSegment } from '../../packages/transparency/src/wal/scan-segment.ts';
import {
  decodeSegmentHeader,
  encodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
} from '../../packages/transparency/src/wal/segment-header.ts';
import type { FuzzTarget } from './fuzz.ts';

type Mend = (input: Uint8Array) => Uint8Array;
const asItIs: Mend = (input) => input;

/** @param mend what a broken reader would forgive; the canary's planted fault */
function byteTarget<Value>(
  name: string,
  corpus: Uint8Array[],
  format: { decode(bytes: Uint8Array): Value; encode(value: Value): Uint8Array },
  mend: Mend = asItIs,
): FuzzTarget {
  return {
    name,
    corpus,
    accepts: (input) => {
      let value: Value;
      try {
        value = format.decode(mend(input));
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        return false;
      }
      assert.deepEqual(Buffer.from(format.encode(value)), Buffer.from(input));
      return true;
    },
  };
}

const fill = (size: number, value: number): Uint8Array => new Uint8Array(size).fill(value);
const tags: LeafTags = { user: fill(16, 3), instance: fill(8, 4) };

const receiptOf = (log2Span: number, tagged: boolean): Uint8Array =>
  encodeReceipt({
    keyId: fill(4, 1),
    index: 2 ** 33 + 5,
    issuedMs: 1_790_000_000_000,
    tags: tagged ? tags : undefined,
    log2Span,
    proof: Array.from({ length: log2Span }, (_, at) => fill(32, at)),
    signature: fill(64, 9),
  });

const leafOf = (leafTags?: LeafTags): Uint8Array =>
  encodeLeafEntry({
    type: 'access',
    issuedMs: 1_790_000_000_000,
    expiresAtSeconds: 1_790_000_300,
    commitment: fill(32, 7),
    tags: leafTags,
  });

const keyEntry = encodeKeyEntry({
  event: 'published',
  atMs: 1_790_000_000_000,
  notAfterSeconds: 1_797_000_000,
  issuerHash: fill(32, 1),
  thumbprint: fill(32, 2),
  kid: 'key-1ü',
});

const anchorLeaf = encodeAnchorLeaf({
  atMs: 1_790_000_000_000,
  instanceHash: fill(32, 3),
  anchor: 7,
  root: fill(32, 4),
});

const receipt = { decode: decodeReceipt, encode: encodeReceipt };
const entry = {
  decode: decodeLogEntry,
  encode: (value: LogEntry) => {
    if (value.kind === 'anchor') return encodeAnchorLeaf(value);
    return value.kind === 'key' ? encodeKeyEntry(value) : encodeLeafEntry(value);
  },
};
const RECEIPTS = [receiptOf(0, false), receiptOf(4, true), receiptOf(8, false)];
const ENTRIES = [leafOf(), leafOf(tags), keyEntry, anchorLeaf];

const SALT = fill(8, 0x5c);
const LOG_ID = fill(8, 0x1d);

// A megabyte: made once.
const record = Buffer.alloc(MAX_RECORD_BYTES);

function walSegment(groups: Uint8Array[][]): Uint8Array {
  const header = encodeSegmentHeader({
    sequence: 1,
    epoch: 1,
    firstIndex: 40,
    createdMs: 1_790_000_000_000,
    logId: LOG_ID,
    salt: SALT,
  });
  const parts: Uint8Array[] = [header];
  let firstIndex = 40;
  for (const entries of groups) {
    const length = encodeRecord(
      { firstIndex, writtenMs: 1_790_000_000_000, entries },
      SALT,
      record,
    );
    parts.push(Buffer.from(record.subarray(0, length)));
    firstIndex += entries.length;
  }
  return Buffer.concat([...parts, Buffer.alloc(512)]);
}

const GROUPS = [[leafOf()], [leafOf(tags), keyEntry, leafOf()], [leafOf()]];
const GENUINE_SEGMENT = walSegment(GROUPS);
const WRITTEN = GROUPS.flat().map((bytes) => Buffer.from(bytes).toString('hex'));

/** Reads a segment as recovery does: what it yields must be the beginning of what was written. */
function walTarget(name: string, mend: Mend): FuzzTarget {
  return {
    name,
    corpus: [GENUINE_SEGMENT],
    accepts: (input) => {
      const segment = Buffer.from(mend(input));
      const header = decodeSegmentHeader(segment);
      if (header === undefined) return false;
      try {
        const { records } = scanSegment(segment, header, 'fuzzed');
        const found = records.flatMap(({ entries }) => entries);
        const texts = found.map((bytes) => Buffer.from(bytes).toString('hex'));
        assert.deepEqual(texts, WRITTEN.slice(0, texts.length));
        return texts.length === WRITTEN.length;
      } catch (error) {
        if (!isCodedError(error) || error.code !== 'wal_corrupt') throw error;
        return false;
      }
    },
  };
}

export const byteTargets = (): FuzzTarget[] => [
  byteTarget('receipt', RECEIPTS, receipt),
  byteTarget('log entry', ENTRIES, entry),
  walTarget('WAL segment', asItIs),
];

/** The same with a fault planted in the reader: each must be found. */
export const byteCanaries = (): FuzzTarget[] => [
  byteTarget('receipt that forgives a byte at its end', RECEIPTS, receipt, (input) =>
    canDecode(input) ? input : input.slice(0, -1),
  ),
  byteTarget('log entry whose type does not count', ENTRIES, entry, (input) => {
    const mended = Uint8Array.from(input);
    if (mended[0] === 1) mended[1] = 1;
    return mended;
  }),
  walTarget('WAL segment whose first record has no checksum', forgiveFirstChecksum),
];

/** Writes the checksum that the first record's bytes, whatever they are, ought to have. */
function forgiveFirstChecksum(input: Uint8Array): Uint8Array {
  const bodyAt = SEGMENT_HEADER_BYTES + RECORD_HEADER_BYTES;
  if (input.length < bodyAt) return input;
  const segment = Buffer.from(input);
  const length = Math.ceil(segment.readUInt32BE(SEGMENT_HEADER_BYTES + 4) / 8) * 8;
  const body = segment.subarray(bodyAt, bodyAt + length);
  segment.writeUInt32BE(crc32(body, crc32(SALT)), bodyAt - 8);
  const header = segment.subarray(SEGMENT_HEADER_BYTES, bodyAt - 4);
  segment.writeUInt32BE(crc32(header, crc32(SALT)), bodyAt - 4);
  return segment;
}

function canDecode(input: Uint8Array): boolean {
  try {
    decodeReceipt(input);
    return true;
  } catch {
    return false;
  }
}
