// Reads all WAL segments at start and says what the log durably holds. Only the very end may be
// unfinished; anything else missing or damaged stops the start, because a receipt may rest on it.

import { equalBytes } from '@countersign/verifier';
import type { DiskReader } from '../disk/log-disk.ts';
import { refusal } from '../transparency-error.ts';
import { WAL_FOLDER } from './prepare-segment.ts';
import { type ScannedSegment, scanSegment } from './scan-segment.ts';
import {
  decodeSegmentHeader,
  parseSegmentName,
  SEGMENT_HEADER_BYTES,
  segmentName,
} from './segment-header.ts';

export interface RecoveredWal {
  /** Oldest first; each starts where its predecessor ends. */
  segments: ScannedSegment[];
  /** Highest epoch of any segment, 0 when there is none. */
  epoch: number;
  /** Sequence number for the next segment, once the unused ones are removed. */
  nextSequence: number;
  /** Names of prepared segments that were never begun. */
  unused: string[];
}

/** @throws CodedError `wal_corrupt` */
export function recoverWal(disk: DiskReader, logId: Uint8Array): RecoveredWal {
  const sequences = disk
    .list(WAL_FOLDER)
    .map(parseSegmentName)
    .filter((sequence) => sequence !== undefined);
  const segments: ScannedSegment[] = [];
  const unused: string[] = [];
  let previous: number | undefined;
  for (const sequence of sequences) {
    if (previous !== undefined && sequence !== previous + 1) {
      throw corrupt(segmentName(sequence), `does not follow ${segmentName(previous)}`);
    }
    previous = sequence;
    const segment = readSegment(disk, sequence, logId);
    if (segment === undefined) {
      unused.push(segmentName(sequence));
    } else if (unused.length > 0) {
      throw corrupt(unused[0] ?? '', 'is empty, and a later segment is not');
    } else {
      const before = segments.pop();
      if (before !== undefined) segments.push(settleEnd(before, segment));
      segments.push(segment);
    }
  }
  const epoch = Math.max(0, ...segments.map(({ header }) => header.epoch));
  const nextSequence = (segments.at(-1)?.header.sequence ?? 0) + 1;
  return { segments, epoch, nextSequence, unused };
}

/** `undefined` for a segment that was prepared and never begun. */
function readSegment(
  disk: DiskReader,
  sequence: number,
  logId: Uint8Array,
): ScannedSegment | undefined {
  const name = segmentName(sequence);
  const bytes = disk.read(`${WAL_FOLDER}/${name}`);
  if (bytes === undefined) throw corrupt(name, 'vanished while the log was opening');
  const header = decodeSegmentHeader(bytes);
  if (header === undefined) {
    // A begun segment has a header before anything else, so behind a torn header nothing can be.
    const begun = bytes.subarray(SEGMENT_HEADER_BYTES).some((byte) => byte !== 0);
    if (begun) throw corrupt(name, 'has a damaged header (offset 0) and records behind it');
    return undefined;
  }
  if (header.sequence !== sequence) throw corrupt(name, 'was another segment before');
  if (!equalBytes(header.logId, logId)) throw corrupt(name, 'belongs to another log');
  return scanSegment(bytes, header, name);
}

/**
 * The segment before `next`, as far as it counts. A torn end needs no judging here: when the next
 * segment starts at the very index that was not written whole, nobody was told that it had been.
 * Nor does a last record that a full disk refused and yet kept: its writer went on at its index.
 */
function settleEnd(before: ScannedSegment, next: ScannedSegment): ScannedSegment {
  const name = segmentName(next.header.sequence);
  const { firstIndex, epoch } = next.header;
  if (epoch < before.header.epoch) throw corrupt(name, 'is of an older epoch');
  if (firstIndex === before.endIndex) return before;
  const last = before.records.at(-1);
  if (epoch === before.header.epoch && firstIndex === last?.firstIndex) {
    return { ...before, records: before.records.slice(0, -1), endIndex: firstIndex };
  }
  throw corrupt(
    name,
    `starts at index ${firstIndex}, but the segment before it ends at ${before.endIndex} (offset ${before.endOffset})`,
  );
}

function corrupt(name: string, what: string): Error {
  return refusal(
    'wal_corrupt',
    `WAL segment ${name} ${what}. Restore the log from a copy that holds everything it acknowledged; do not delete the segment.`,
  );
}
