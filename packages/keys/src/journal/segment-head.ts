// The head of a journal segment: its first number and every key's count before it, so that opening
// reads one segment and not the whole journal. Written once, with the segment, never changed.
// 12 B "csjournal/1\n" | u16 zero | u48 firstNumber | u32 key count | n × (32 B kid | u48 count)
// | u32 crc | zeros up to a multiple of 96.

import { crc32 } from 'node:zlib';
import { RECORD_BYTES } from './record.ts';

const MAGIC = 'csjournal/1\n';
const FIXED_BYTES = 24;
const COUNT_BYTES = 38;
const CRC_BYTES = 4;

export interface SegmentHead {
  firstNumber: number;
  /** Signatures each key had made before this segment, by kid. */
  counts: ReadonlyMap<string, number>;
  /** Where the first record lies. */
  bytes: number;
}

export function encodeSegmentHead(
  firstNumber: number,
  counts: ReadonlyMap<string, number>,
): Uint8Array {
  const used = FIXED_BYTES + counts.size * COUNT_BYTES;
  const head = Buffer.alloc(headBytes(counts.size));
  head.write(MAGIC, 0, 'latin1');
  head.writeUIntBE(firstNumber, 14, 6);
  head.writeUInt32BE(counts.size, 20);
  let offset = FIXED_BYTES;
  for (const [kid, count] of counts) {
    head.write(kid, offset, 32, 'base64url');
    head.writeUIntBE(count, offset + 32, 6);
    offset += COUNT_BYTES;
  }
  head.writeUInt32BE(crc32(head.subarray(0, used)), used);
  return head;
}

/** Undefined when the bytes do not start with a whole head whose counts add up. */
export function decodeSegmentHead(bytes: Buffer): SegmentHead | undefined {
  const length = segmentHeadBytes(bytes);
  if (length === undefined || length > bytes.length) return undefined;
  const keyCount = bytes.readUInt32BE(FIXED_BYTES - 4);
  const used = FIXED_BYTES + keyCount * COUNT_BYTES;
  if (bytes.readUInt32BE(used) !== crc32(bytes.subarray(0, used))) return undefined;
  const counts = new Map<string, number>();
  let total = 0;
  for (let offset = FIXED_BYTES; offset < used; offset += COUNT_BYTES) {
    const count = bytes.readUIntBE(offset + 32, 6);
    counts.set(bytes.toString('base64url', offset, offset + 32), count);
    total += count;
  }
  const firstNumber = bytes.readUIntBE(14, 6);
  if (counts.size !== keyCount || total !== firstNumber - 1) return undefined;
  return { firstNumber, counts, bytes: length };
}

/** As `decodeSegmentHead`, without the counts, which are many and of no use in an older segment. */
export function checkSegmentHead(bytes: Buffer): Omit<SegmentHead, 'counts'> | undefined {
  const length = segmentHeadBytes(bytes);
  if (length === undefined || length > bytes.length) return undefined;
  const used = FIXED_BYTES + bytes.readUInt32BE(FIXED_BYTES - 4) * COUNT_BYTES;
  if (bytes.readUInt32BE(used) !== crc32(bytes.subarray(0, used))) return undefined;
  return { firstNumber: bytes.readUIntBE(14, 6), bytes: length };
}

/** Length of the head that starts with these bytes; undefined when they start none. */
export function segmentHeadBytes(bytes: Buffer): number | undefined {
  if (bytes.length < FIXED_BYTES || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    return undefined;
  }
  return headBytes(bytes.readUInt32BE(FIXED_BYTES - 4));
}

function headBytes(keyCount: number): number {
  const used = FIXED_BYTES + keyCount * COUNT_BYTES + CRC_BYTES;
  return Math.ceil(used / RECORD_BYTES) * RECORD_BYTES;
}
