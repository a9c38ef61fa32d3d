// First 64 bytes of a WAL segment: whose log it is, where it starts, and the salt that keeps a
// submitted entry from ever looking like a record. Big-endian; the CRC is IEEE 802.3 (zlib).
//
//   0 8 B magic | 8 u16 format | 10 u32 sequence | 14 u48 epoch | 20 u48 first index |
//   26 u48 created ms | 32 8 B log id | 40 8 B salt | 48 12 B zero | 60 u32 CRC of 0..59

import { crc32 } from 'node:zlib';

export const SEGMENT_HEADER_BYTES = 64;
const MAGIC = Buffer.from('CSNTWAL1', 'latin1');
const FORMAT = 1;
export const LOG_ID_BYTES = 8;
export const SALT_BYTES = 8;

export interface SegmentHeader {
  /** Number in the file's name; each segment's is one above its predecessor's. */
  sequence: number;
  /** Which opening of the log wrote it; grows with every opening. */
  epoch: number;
  /** Index of the first entry that this segment may hold. */
  firstIndex: number;
  createdMs: number;
  /** 8 bytes. */
  logId: Uint8Array;
  /** 8 bytes, new for each segment and told to nobody. */
  salt: Uint8Array;
}

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  bytes.set(MAGIC, 0);
  bytes.writeUInt16BE(FORMAT, 8);
  bytes.writeUInt32BE(header.sequence, 10);
  bytes.writeUIntBE(header.epoch, 14, 6);
  bytes.writeUIntBE(header.firstIndex, 20, 6);
  bytes.writeUIntBE(header.createdMs, 26, 6);
  bytes.set(header.logId, 32);
  bytes.set(header.salt, 40);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 60)), 60);
  return bytes;
}

/** `undefined` unless the bytes are a whole header of a format this code knows. */
export function decodeSegmentHeader(segment: Buffer): SegmentHeader | undefined {
  if (segment.length < SEGMENT_HEADER_BYTES) return undefined;
  if (!segment.subarray(0, 8).equals(MAGIC) || segment.readUInt16BE(8) !== FORMAT) return undefined;
  if (segment.readUInt32BE(60) !== crc32(segment.subarray(0, 60))) return undefined;
  return {
    sequence: segment.readUInt32BE(10),
    epoch: segment.readUIntBE(14, 6),
    firstIndex: segment.readUIntBE(20, 6),
    createdMs: segment.readUIntBE(26, 6),
    logId: segment.subarray(32, 32 + LOG_ID_BYTES),
    salt: segment.subarray(40, 40 + SALT_BYTES),
  };
}

const SEGMENT_NAME = /^([0-9]{8})\.wal$/;

export function segmentName(sequence: number): string {
  return `${String(sequence).padStart(8, '0')}.wal`;
}

/** The sequence number in a segment's file name; undefined for any other name. */
export function parseSegmentName(name: string): number | undefined {
  const digits = SEGMENT_NAME.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
