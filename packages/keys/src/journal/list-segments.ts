// The segments of a journal in order. A segment is named by its first number and by the epoch of
// the signer that wrote it; it ends where the next one starts, so a missing file shows as a hole.

import { readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { readAt } from '../disk/read-at.ts';
import { TEMPORARY_SUFFIX } from '../disk/write-durably.ts';
import { RECORD_BYTES, readRecord } from './record.ts';
import { corrupt, type ScannedSegment, scanSegment } from './scan-segment.ts';
import {
  checkSegmentHead,
  decodeSegmentHead,
  type SegmentHead,
  segmentHeadBytes,
} from './segment-head.ts';

const SEGMENT_NAME = /^(\d{16})-(\d{8,15})\.journal$/;
/** The newest segments are read whole on opening; older ones by name, head and last record. */
export const FULLY_CHECKED_SEGMENTS = 4;
// More than a million keys; a damaged length must not become a large allocation.
const HEAD_LIMIT_BYTES = 64 * 1024 * 1024;

export interface SegmentPlace {
  firstNumber: number;
  /** Of two segments with one first number, the later epoch counts; the other was given up. */
  epoch: number;
  path: string;
}

export function segmentPath(folder: string, firstNumber: number, epoch: number): string {
  const name = `${String(firstNumber).padStart(16, '0')}-${String(epoch).padStart(8, '0')}`;
  return join(folder, `${name}.journal`);
}

/** Lists the segments of `folder`; removes what a crash left half-named. */
export function listSegments(folder: string): SegmentPlace[] {
  const places: SegmentPlace[] = [];
  for (const name of readdirSync(folder)) {
    const match = SEGMENT_NAME.exec(name);
    if (match !== null) {
      const [firstNumber, epoch] = [Number(match[1]), Number(match[2])];
      places.push({ firstNumber, epoch, path: join(folder, name) });
    } else if (name.endsWith(`.journal${TEMPORARY_SUFFIX}`)) {
      unlinkSync(join(folder, name));
    }
  }
  return places.sort((a, b) => a.firstNumber - b.firstNumber || a.epoch - b.epoch);
}

/**
 * Checks all segments and returns the scan of the last.
 * @throws CodedError `journal_corrupt`
 */
export function checkSegments(places: SegmentPlace[]): ScannedSegment | undefined {
  let last: ScannedSegment | undefined;
  places.forEach((place, index) => {
    const next = places[index + 1];
    const whole = index >= places.length - FULLY_CHECKED_SEGMENTS;
    if (index === 0 && place.firstNumber !== 1) throw corrupt(place.path, 0);
    if (whole) last = scanWhole(place, next, last?.counts);
    else if (next !== undefined) checkLastRecord(place, next);
  });
  return last;
}

function scanWhole(
  place: SegmentPlace,
  next: SegmentPlace | undefined,
  countsBefore: ReadonlyMap<string, number> | undefined,
): ScannedSegment {
  const bytes = readFileSync(place.path);
  const head = decodeSegmentHead(bytes);
  if (head === undefined || head.firstNumber !== place.firstNumber) throw corrupt(place.path, 0);
  const { counts } = head;
  if (countsBefore !== undefined && !sameCounts(countsBefore, counts)) throw corrupt(place.path, 0);
  return scanSegment(bytes, head, place.path, next?.firstNumber);
}

function sameCounts(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([kid, count]) => b.get(kid) === count);
}

function checkLastRecord(place: SegmentPlace, next: SegmentPlace): void {
  const head = readHead(place.path);
  if (head === undefined || head.firstNumber !== place.firstNumber) throw corrupt(place.path, 0);
  if (next.firstNumber === place.firstNumber) return;
  const offset = head.bytes + (next.firstNumber - place.firstNumber - 1) * RECORD_BYTES;
  const record = readRecord(readAt(place.path, offset, RECORD_BYTES), 0);
  if (record?.number !== next.firstNumber - 1) throw corrupt(place.path, offset);
}

function readHead(path: string): Omit<SegmentHead, 'counts'> | undefined {
  const length = segmentHeadBytes(readAt(path, 0, RECORD_BYTES));
  if (length === undefined || length > HEAD_LIMIT_BYTES) return undefined;
  return checkSegmentHead(readAt(path, 0, length));
}
