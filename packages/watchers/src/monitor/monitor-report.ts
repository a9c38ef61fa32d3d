// What one round of a monitor found, and how it is told to watch.

import type { NoteKey, TlogPolicy } from '@countersign/verifier';
import type { Clock } from '@countersign/vocabulary';
import type { LogReader } from '../reader/log-reader.ts';
import type { EntryCheck, LeafRecords, SeenKey } from './entry-check.ts';
import type { MonitorAlarm } from './monitor-alarm.ts';

/** Another place where checkpoints of the log are shown: a witness, another monitor. */
export interface CheckpointView {
  readonly name: string;
  /** The signed note; undefined when it has none. A rejection is reported, not an alarm. */
  fetch(): Promise<string | undefined>;
}

export interface MonitorOptions {
  /** The monitor's own. An empty one makes it read the log from its beginning. */
  folder: string;
  /** The key that the log's checkpoints must be signed by; its name is the origin. */
  key: NoteKey;
  reader: LogReader;
  clock?: Clock;
  /** Where else checkpoints of this log are shown: what they show must fit. */
  views?: readonly CheckpointView[];
  /** With `maxAgeMs`: a checkpoint that its quorum did not cosign within it is stale. */
  policy?: TlogPolicy;
  /** Greatest age of the quorum's word; default 60,000 when there is a policy. */
  maxAgeMs?: number;
  /** A checkpoint that has not changed for this long is stale; off by default: logs may be idle. */
  maxQuietMs?: number;
  /** How long a view may be ahead of the log, and a record late after its leaf; default 60,000. */
  graceMs?: number;
  /** How long a partial bundle of a fast log may be left unread; default 300,000, 0 for never. */
  partialPatienceMs?: number;
  checks?: readonly EntryCheck[];
  records?: LeafRecords;
  onProgress?: (progress: MonitorProgress) => void;
}

export interface MonitorProgress {
  /** Entries read since the monitor began, and entries in the log. */
  readonly read: number;
  readonly size: number;
}

export interface MonitorReport {
  /** True when there is no alarm. */
  readonly ok: boolean;
  readonly origin: string;
  readonly atMs: number;
  /** The largest checkpoint that was found consistent; undefined before the first. */
  readonly size: number | undefined;
  /** Lower-case hex. */
  readonly root: string | undefined;
  /** Entries that were read and found to be in the tree, in this round and ever. */
  readonly newEntries: number;
  readonly readEntries: number;
  /** As of when the quorum of the policy held the checkpoint for the largest. */
  readonly witnessedMs: number | undefined;
  /** At most 1,000; all that entries gave reason for are in `alarms.ndjson` of the folder. */
  readonly alarms: readonly MonitorAlarm[];
  /** Key entries among the new entries, at most 1,000. */
  readonly keys: readonly SeenKey[];
  /** How many of the new entries anchor audit trails. */
  readonly anchors: number;
  /** Views that could not be read. */
  readonly unreadViews: readonly string[];
}

export interface Monitor {
  /** One look at the log. Rounds that overlap wait for each other. Throws only faults of our own. */
  round(): Promise<MonitorReport>;
  close(): Promise<void>;
}
