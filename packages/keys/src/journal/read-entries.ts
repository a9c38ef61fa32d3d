// Reads journal entries by number: the segment is found by its first number, the record by its
// position, so a reader far behind costs no more than one that follows closely.

import { readAt } from '../disk/read-at.ts';
import type { SegmentPlace } from './list-segments.ts';
import { RECORD_BYTES, readRecord } from './record.ts';
import { corrupt } from './scan-segment.ts';
import { segmentHeadBytes } from './segment-head.ts';

export interface JournalEntry {
  /** Gapless over the whole journal, from 1. */
  number: number;
  /** Gapless for its key, from 1. */
  keyNumber: number;
  kid: string;
  timeMs: number;
  /** Lower-case hex SHA-256 of the ASCII bytes `header.payload`. */
  signingInputHash: string;
}

/**
 * Exactly `count` entries from `fromNumber` on; the caller knows that they exist.
 * @throws CodedError `journal_corrupt`
 */
export function readEntries(
  segments: readonly SegmentPlace[],
  fromNumber: number,
  count: number,
): JournalEntry[] {
  const entries: JournalEntry[] = [];
  const endNumber = fromNumber + count;
  let at = findSegment(segments, fromNumber);
  for (let number = fromNumber; number < endNumber; at += 1) {
    const place = segments[at] as SegmentPlace;
    const segmentEnd = segments[at + 1]?.firstNumber ?? endNumber;
    const wanted = Math.min(segmentEnd, endNumber) - number;
    entries.push(...readSegmentEntries(place, number, wanted));
    number += wanted;
  }
  return entries;
}

function readSegmentEntries(place: SegmentPlace, number: number, count: number): JournalEntry[] {
  const headBytes = segmentHeadBytes(readAt(place.path, 0, RECORD_BYTES));
  if (headBytes === undefined) throw corrupt(place.path, 0);
  const start = headBytes + (number - place.firstNumber) * RECORD_BYTES;
  const bytes = readAt(place.path, start, count * RECORD_BYTES);
  return Array.from({ length: count }, (_, index) => {
    const record = readRecord(bytes, index * RECORD_BYTES);
    if (record?.number !== number + index) throw corrupt(place.path, start + index * RECORD_BYTES);
    return {
      number: record.number,
      keyNumber: record.keyNumber,
      kid: record.kid,
      timeMs: record.timeMs,
      signingInputHash: Buffer.from(record.inputHash).toString('hex'),
    };
  });
}

/** Index of the last segment that starts at or before `number`. */
function findSegment(segments: readonly SegmentPlace[], number: number): number {
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((segments[middle] as SegmentPlace).firstNumber <= number) low = middle;
    else high = middle - 1;
  }
  return low;
}
