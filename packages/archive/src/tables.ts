// The tables of this room: which segments there are, in which files they lie, how long each is kept,
// and whose data was erased. The files themselves are the archivist's.

import type { AnchorEntryTable, AnchorTable } from './anchors/anchor-tables.ts';

export interface SegmentTable {
  /** `_installation` for events of no tenant. */
  tenant: string;
  /** From 1, without gaps. */
  segment: number;
  /** Chain numbers of the first and last event. */
  first: number;
  last: number;
  /** Sequence numbers of these two: an event of the tenant between them is in the segment. */
  first_sequence: number;
  last_sequence: number;
  /** Everything of everybody up to here was sealed in the same turn. */
  through_sequence: number;
  /** Lower-case hex. */
  root: string;
  head_before: string;
  head_after: string;
  first_ms: number;
  last_ms: number;
  sealed_ms: number;
  /** `sealed`, `anchored` (the log holds its root), `compacted` (it shares a file), `deleted`. */
  state: string;
  /** Nobody can delete it before; only ever set later. */
  keep_until_ms: number;
  /** The same of its events of keys. */
  keep_keys_until_ms: number;
  /** When all but its events of keys lost their payload. */
  thinned_ms: number | null;
  deleted_ms: number | null;
  /** Name of the retention profile under which it was deleted. */
  profile: string | null;
  /** When its bulk events left the hot table. */
  pruned_ms: number | null;
}

export interface SegmentFileTable {
  /** Path under the archive folder: `TENANT/NNNNNN-NNNNNN.parquet`. */
  file: string;
  tenant: string;
  /** Chain numbers that it holds, all of them. */
  first: number;
  last: number;
  first_ms: number;
  last_ms: number;
  /** Smallest and largest uid: what an event is looked up by. */
  first_uid: string;
  last_uid: string;
  bytes: number;
  /** Events of which only the leaf is left. */
  erased: number;
  /** `seal`, `hour`, `day` or `month`: how far it was put together with others. */
  span: string;
  /** `missing` or `damaged`; null while it can be read. */
  trouble: string | null;
  made_ms: number;
}

export interface RetentionTable {
  tenant: string;
  profile: string;
  changed_ms: number;
  /** The longest that was in force before, for what was recorded up to this event; null: none was. */
  before_profile: string | null;
  before_through: number | null;
}

export interface ErasureTable {
  id: string;
  tenant: string;
  /** Null once it is done: who was erased is personal data too. */
  subject: string | null;
  asked_ms: number;
  asked_by: string;
  reason: string;
  /** `asked`, then `done`. */
  state: string;
  /** Everything up to here is in reach of the erasure. */
  through_sequence: number;
  events: number | null;
  done_ms: number | null;
}

export interface ArchiveTables {
  anchor: AnchorTable;
  anchor_entry: AnchorEntryTable;
  segment: SegmentTable;
  segment_file: SegmentFileTable;
  retention: RetentionTable;
  erasure: ErasureTable;
}
