// Holds the leaves that carry a customer's tag against the customer's own records: a leaf that it
// never recorded is a token minted in its name. Records may arrive a little after the leaf.

import { encodeHex } from '@countersign/verifier';
import type { LeafRecords } from './entry-check.ts';
import type { MonitorAlarm } from './monitor-alarm.ts';
import type { SeenEntry } from './read-entries.ts';

/** A leaf of the customer's that no record was found for yet. */
export interface UnrecordedLeaf {
  readonly index: number;
  /** Lower-case hex. */
  readonly leafHash: string;
  readonly seenMs: number;
}

export interface RecordFindings {
  alarms: MonitorAlarm[];
  waiting: UnrecordedLeaf[];
}

/** Looks at new entries: wrong records are an alarm at once, missing ones wait. */
export async function checkRecords(
  entries: readonly SeenEntry[],
  records: LeafRecords,
  nowMs: number,
): Promise<RecordFindings> {
  const findings: RecordFindings = { alarms: [], waiting: [] };
  for (const seen of entries) {
    const leafHash = encodeHex(seen.leafHash);
    const recorded = await records.recordedAt(seen.index);
    if (recorded !== undefined && recorded !== leafHash) {
      findings.alarms.push(differs(seen.index, leafHash, recorded));
    } else if (recorded === undefined && (await records.isMine(seen))) {
      findings.waiting.push({ index: seen.index, leafHash, seenMs: nowMs });
    }
  }
  return findings;
}

/** Looks again for the records of leaves that waited; those that waited too long are an alarm. */
export async function reviewWaiting(
  waiting: readonly UnrecordedLeaf[],
  records: LeafRecords,
  nowMs: number,
  graceMs: number,
): Promise<RecordFindings> {
  const findings: RecordFindings = { alarms: [], waiting: [] };
  for (const leaf of waiting) {
    const recorded = await records.recordedAt(leaf.index);
    if (recorded === leaf.leafHash) continue;
    if (recorded !== undefined) {
      findings.alarms.push(differs(leaf.index, leaf.leafHash, recorded));
    } else if (nowMs - leaf.seenMs >= graceMs) {
      findings.alarms.push({
        code: 'leaf_unrecorded',
        message: 'The log holds a leaf with this tag that was never recorded here.',
        facts: { index: leaf.index, leafHash: leaf.leafHash },
      });
    } else {
      findings.waiting.push(leaf);
    }
  }
  return findings;
}

function differs(index: number, leafHash: string, recorded: string): MonitorAlarm {
  return {
    code: 'record_differs',
    message: 'The log holds another leaf at this index than the one that was recorded.',
    facts: { index, leafHash, recorded },
  };
}
