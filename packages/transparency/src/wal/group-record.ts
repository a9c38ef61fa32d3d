// One WAL record is one group: all entries that shared a write, whole or not at all. A record says
// where it belongs (index) and proves that it is whole (CRC over header and body, both salted).
//
//   0 u32 magic | 4 u32 body bytes | 8 u48 first index | 14 u16 count | 16 u48 written ms |
//   22 u16 zero | 24 u32 CRC of body | 28 u32 CRC of 0..27 | body: count × (u16 length, entry) |
//   zeros to a multiple of 8

import { crc32 } from 'node:zlib';

export const RECORD_HEADER_BYTES = 32;
export const RECORD_ALIGNMENT = 8;
export const MAX_GROUP_ENTRIES = 4096;
/** Longest entry of any version that the record can carry. */
export const MAX_ENTRY_BYTES = 255;
const LENGTH_BYTES = 2;
export const MAX_RECORD_BYTES = alignUp(
  RECORD_HEADER_BYTES + MAX_GROUP_ENTRIES * (LENGTH_BYTES + MAX_ENTRY_BYTES),
);
export const RECORD_MAGIC = Buffer.from([0xc5, 0x47, 0x52, 0x01]);

export interface GroupRecord {
  firstIndex: number;
  writtenMs: number;
  entries: readonly Uint8Array[];
}

export interface PlacedRecord extends GroupRecord {
  /** Where the next record starts, from the start of the segment. */
  nextOffset: number;
}

export function recordBytes(entries: readonly Uint8Array[]): number {
  let bytes = RECORD_HEADER_BYTES;
  for (const entry of entries) bytes += LENGTH_BYTES + entry.length;
  return alignUp(bytes);
}

/** Writes the record to the start of `target` (large enough) and returns its padded length. */
export function encodeRecord(record: GroupRecord, salt: Uint8Array, target: Buffer): number {
  const { entries } = record;
  let offset = RECORD_HEADER_BYTES;
  for (const entry of entries) {
    target.writeUInt16BE(entry.length, offset);
    target.set(entry, offset + LENGTH_BYTES);
    offset += LENGTH_BYTES + entry.length;
  }
  const end = alignUp(offset);
  target.fill(0, offset, end);
  target.set(RECORD_MAGIC, 0);
  target.writeUInt32BE(offset - RECORD_HEADER_BYTES, 4);
  target.writeUIntBE(record.firstIndex, 8, 6);
  target.writeUInt16BE(entries.length, 14);
  target.writeUIntBE(record.writtenMs, 16, 6);
  target.writeUInt16BE(0, 22);
  const seed = crc32(salt);
  target.writeUInt32BE(crc32(target.subarray(RECORD_HEADER_BYTES, end), seed), 24);
  target.writeUInt32BE(crc32(target.subarray(0, 28), seed), 28);
  return end;
}

/** True when a whole record header stands at `offset`; says nothing about its body. */
export function isRecordHeader(segment: Buffer, offset: number, salt: Uint8Array): boolean {
  if (offset + RECORD_HEADER_BYTES > segment.length) return false;
  if (!segment.subarray(offset, offset + 4).equals(RECORD_MAGIC)) return false;
  return (
    segment.readUInt32BE(offset + 28) === crc32(segment.subarray(offset, offset + 28), crc32(salt))
  );
}

/** The record at `offset`, or undefined when what stands there is not one whole record. */
export function decodeRecord(
  segment: Buffer,
  offset: number,
  salt: Uint8Array,
): PlacedRecord | undefined {
  if (!isRecordHeader(segment, offset, salt)) return undefined;
  const bodyStart = offset + RECORD_HEADER_BYTES;
  const bodyEnd = bodyStart + segment.readUInt32BE(offset + 4);
  const nextOffset = alignUp(bodyEnd);
  if (nextOffset > segment.length || nextOffset - offset > MAX_RECORD_BYTES) return undefined;
  const body = segment.subarray(bodyStart, nextOffset);
  if (segment.readUInt32BE(offset + 24) !== crc32(body, crc32(salt))) return undefined;
  const entries = cutEntries(segment, bodyStart, bodyEnd, segment.readUInt16BE(offset + 14));
  if (entries === undefined) return undefined;
  return {
    firstIndex: segment.readUIntBE(offset + 8, 6),
    writtenMs: segment.readUIntBE(offset + 16, 6),
    entries,
    nextOffset,
  };
}

function cutEntries(
  segment: Buffer,
  start: number,
  end: number,
  count: number,
): Uint8Array[] | undefined {
  const entries: Uint8Array[] = [];
  let offset = start;
  for (let entry = 0; entry < count; entry += 1) {
    if (offset + LENGTH_BYTES > end) return undefined;
    const entryStart = offset + LENGTH_BYTES;
    offset = entryStart + segment.readUInt16BE(offset);
    if (offset > end) return undefined;
    entries.push(segment.subarray(entryStart, offset));
  }
  return offset === end && count > 0 ? entries : undefined;
}

function alignUp(bytes: number): number {
  return Math.ceil(bytes / RECORD_ALIGNMENT) * RECORD_ALIGNMENT;
}
