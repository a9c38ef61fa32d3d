// The event table of the server, read by another process: SQLite in WAL mode lets one write and others
// read. Each read is short, because the writer cannot begin its log anew while one goes on.

import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { SegmentFileTable, SegmentTable } from '../tables.ts';

/** A row of the event table; arrays, because objects would cost as much as the read. */
export type HotRow = [
  sequence: number,
  uid: string,
  tenant: string | null,
  timeMs: number,
  name: string,
  source: string | null,
  salt: Uint8Array | null,
  ocsf: string,
];

export interface HotSlice {
  rows: HotRow[];
  characters: number;
  /** Whether there may be more. */
  more: boolean;
}

export interface EventTable {
  /** In the order of recording; ends early when they are long. */
  readAfter(sequence: number, throughSequence: number, limit: number): HotSlice;
  /** Sequence number and tenant of an event that is still hot. */
  findUid(uid: string): { sequence: number; tenant: string | null } | undefined;
  readSegments(): SegmentTable[];
  readFiles(): SegmentFileTable[];
  /** The sequence number up to which everything is in segments on record. */
  readSealedThrough(): number;
  close(): void;
}

const LONGEST_WAIT_MS = 2000;
const CACHE_KIB = 8192;

/** @param path the database file of the server, opened read-only */
export function openEventTable(path: string): EventTable {
  const database = new DatabaseSync(path, { readOnly: true, timeout: LONGEST_WAIT_MS });
  database.exec(`PRAGMA query_only = ON; PRAGMA cache_size = -${CACHE_KIB}`);
  const events = database.prepare(`SELECT sequence, uid, tenant, time_ms, name, source, salt, ocsf
    FROM event WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?`);
  events.setReturnArrays(true);
  const byUid = database.prepare('SELECT sequence, tenant FROM event WHERE uid = ?');
  const segments = database.prepare('SELECT * FROM segment ORDER BY tenant, segment');
  const files = database.prepare('SELECT * FROM segment_file ORDER BY tenant, first');
  const sealed = database.prepare('SELECT max(through_sequence) AS through FROM segment');
  return {
    readAfter: (sequence, throughSequence, limit) =>
      readSlice(events.iterate(sequence, throughSequence, limit), limit),
    findUid: (uid) => byUid.get(uid) as { sequence: number; tenant: string | null } | undefined,
    readSegments: () => rowsOf<SegmentTable>(segments),
    readFiles: () => rowsOf<SegmentFileTable>(files),
    readSealedThrough: () => Number(sealed.get()?.['through'] ?? 0),
    close: () => database.close(),
  };
}

/** Rows are a kilobyte or a megabyte; what is read at once has to fit into memory several times. */
const SLICE_CHARACTERS = 4 * 1024 * 1024;

function readSlice(found: Iterable<unknown>, limit: number): HotSlice {
  const rows: HotRow[] = [];
  let characters = 0;
  for (const row of found as Iterable<HotRow>) {
    rows.push(row);
    characters += row[7].length;
    if (characters >= SLICE_CHARACTERS) return { rows, characters, more: true };
  }
  return { rows, characters, more: rows.length === limit };
}

function rowsOf<Row>(statement: StatementSync): Row[] {
  return statement.all().map((row) => ({ ...row })) as Row[];
}
