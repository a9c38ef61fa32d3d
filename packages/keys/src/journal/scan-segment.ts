// Reads a whole segment and decides what it is worth: whole, torn at the tail (cut there, nothing
// acknowledged is lost), or damaged in the middle (refuse, a person must look).
// Each start of the signer writes into a segment of its own. What an older signer still wrote into
// its segment after that was never released, and does not count.

import { custodyRefusal } from '../keys-error.ts';
import { RECORD_BYTES, readRecord, type SignatureRecord } from './record.ts';
import type { SegmentHead } from './segment-head.ts';

export interface ScannedSegment {
  /** Number that the next record will have. */
  nextNumber: number;
  /** Every key's count after this segment. */
  counts: Map<string, number>;
  /** True when bytes of an unfinished group lie after the last record. */
  torn: boolean;
}

/**
 * Scans the records that follow `head` in `bytes`, up to but not including `endNumber`, where the
 * next segment starts; without one, up to the tail.
 *
 * A record that does not read may be the tail of a group that was being written when the machine
 * stopped. It is damage instead when a later group follows, for a group starts only when the one
 * before it is durable.
 * @throws CodedError `journal_corrupt`
 */
export function scanSegment(
  bytes: Buffer,
  head: SegmentHead,
  path: string,
  endNumber = Number.POSITIVE_INFINITY,
): ScannedSegment {
  const counts = new Map(head.counts);
  let nextNumber = head.firstNumber;
  let groupStart = head.firstNumber;
  let offset = head.bytes;
  while (nextNumber < endNumber) {
    const record = readRecord(bytes, offset);
    if (record === undefined) break;
    const keyNumber = (counts.get(record.kid) ?? 0) + 1;
    const startsGroup = record.groupStart === record.number;
    if (
      record.number !== nextNumber ||
      record.keyNumber !== keyNumber ||
      (!startsGroup && record.groupStart !== groupStart)
    ) {
      throw corrupt(path, offset);
    }
    counts.set(record.kid, keyNumber);
    groupStart = record.groupStart;
    nextNumber += 1;
    offset += RECORD_BYTES;
  }
  if (nextNumber === endNumber) return { nextNumber, counts, torn: false };
  const rest = bytes.subarray(offset);
  const damaged = laterRecords(rest).some((record) => record.groupStart > nextNumber);
  if (damaged || endNumber !== Number.POSITIVE_INFINITY) throw corrupt(path, offset);
  const torn = rest.some((byte) => byte !== 0);
  return { nextNumber, counts, torn };
}

function laterRecords(rest: Buffer): SignatureRecord[] {
  const records: SignatureRecord[] = [];
  for (let offset = 0; offset < rest.length; offset += RECORD_BYTES) {
    const record = readRecord(rest, offset);
    if (record !== undefined) records.push(record);
  }
  return records;
}

export function corrupt(path: string, offset: number): Error {
  return custodyRefusal(
    'journal_corrupt',
    `The journal is damaged at byte ${offset} of ${path}. Restore the file from a backup; nothing is signed until then.`,
  );
}
