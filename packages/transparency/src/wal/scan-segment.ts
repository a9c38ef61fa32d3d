// Reads one WAL segment back. Records end where the first place stands that is not a whole record;
// whether that is a torn last write or rot in acknowledged data is decided by what lies beyond it.

import { refusal } from '../transparency-error.ts';
import {
  decodeRecord,
  isRecordHeader,
  MAX_RECORD_BYTES,
  type PlacedRecord,
  RECORD_ALIGNMENT,
  RECORD_MAGIC,
} from './group-record.ts';
import { SEGMENT_HEADER_BYTES, type SegmentHeader } from './segment-header.ts';

export interface ScannedSegment {
  header: SegmentHeader;
  records: PlacedRecord[];
  /** Index after the last whole record. */
  endIndex: number;
  /** Offset after the last whole record. */
  endOffset: number;
  /** True when bytes of an unfinished record follow: a write that the process did not survive. */
  torn: boolean;
}

/**
 * All whole records of a segment, in order.
 * @param name for messages
 * @throws CodedError `wal_corrupt`, with the offset, when data that was acknowledged is damaged:
 *   a gap in the indexes, a later record beyond the damage, or more debris than one record makes
 */
export function scanSegment(segment: Buffer, header: SegmentHeader, name: string): ScannedSegment {
  const records: PlacedRecord[] = [];
  let endIndex = header.firstIndex;
  let endOffset = SEGMENT_HEADER_BYTES;
  for (;;) {
    const record = decodeRecord(segment, endOffset, header.salt);
    if (record === undefined) break;
    if (record.firstIndex !== endIndex) {
      throw corrupt(name, endOffset, `a record of index ${record.firstIndex}, not ${endIndex}`);
    }
    records.push(record);
    endIndex += record.entries.length;
    endOffset = record.nextOffset;
  }
  const torn = inspectRemainder(segment, endOffset, header, name);
  return { header, records, endIndex, endOffset, torn };
}

/** True when debris of one unfinished record lies at `offset`; false when only zeros follow. */
function inspectRemainder(
  segment: Buffer,
  offset: number,
  header: SegmentHeader,
  name: string,
): boolean {
  const lastByte = lastNonZero(segment, offset);
  if (lastByte < offset) return false;
  if (lastByte >= offset + MAX_RECORD_BYTES) {
    throw corrupt(name, offset, `damage, and data as far as ${lastByte}`);
  }
  // The writer starts a record only when the one before it is durable, so a later record header
  // proves that the damaged one was once whole.
  for (
    let found = segment.indexOf(RECORD_MAGIC, offset + 1);
    found !== -1;
    found = segment.indexOf(RECORD_MAGIC, found + 1)
  ) {
    if (found % RECORD_ALIGNMENT === 0 && isRecordHeader(segment, found, header.salt)) {
      throw corrupt(name, offset, `damage, and a later record at ${found}`);
    }
  }
  return true;
}

function lastNonZero(segment: Buffer, from: number): number {
  let at = segment.length - 1;
  while (at >= from && segment[at] === 0) at -= 1;
  return at;
}

function corrupt(name: string, offset: number, what: string): Error {
  return refusal(
    'wal_corrupt',
    `WAL segment ${name} is damaged at offset ${offset}: it holds ${what}. Restore the log from a copy that holds everything it acknowledged; do not delete the segment.`,
  );
}
