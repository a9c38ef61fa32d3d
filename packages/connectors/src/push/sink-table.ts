// Sinks: what each is, how far it was served, how it fares, and the events it would not take. No secret
// is here.

import type { Migration } from '@countersign/storage';
import { type Kysely, sql } from 'kysely';

export interface PushSinkRow {
  id: string;
  /** Whose log is sent; `_installation` for what is of no tenant. */
  tenant: string;
  /** Unique within the tenant. */
  name: string;
  /** Checked settings, as JSON. */
  settings: string;
  enabled: number;
  /** The last position that the sink has taken; moves only after it has. */
  position: number;
  /** When the next try is due. */
  next_ms: number;
  last_good_ms: number | null;
  /** Tries that failed since the last good one. */
  failures: number;
  error_code: string | null;
  error: string | null;
  delivered: number;
  set_aside: number;
  created_ms: number;
  created_by: string;
}

/** An event that a sink would not take while it took others: kept in the log, told of as a gap. */
export interface SetAsideRow {
  sink: string;
  position: number;
  uid: string;
  reason: string;
  at_ms: number;
}

export interface PushTables {
  push_sink: PushSinkRow;
  push_set_aside: SetAsideRow;
}

const tables = [
  `CREATE TABLE push_sink (
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, name TEXT NOT NULL, settings TEXT NOT NULL,
    enabled INTEGER NOT NULL, position INTEGER NOT NULL, next_ms INTEGER NOT NULL,
    last_good_ms INTEGER, failures INTEGER NOT NULL, error_code TEXT, error TEXT,
    delivered INTEGER NOT NULL, set_aside INTEGER NOT NULL, created_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL, UNIQUE (tenant, name)) WITHOUT ROWID`,
  `CREATE TABLE push_set_aside (
    sink TEXT NOT NULL, position INTEGER NOT NULL, uid TEXT NOT NULL, reason TEXT NOT NULL,
    at_ms INTEGER NOT NULL, PRIMARY KEY (sink, position)) WITHOUT ROWID`,
];

async function createSinks(tx: Kysely<unknown>): Promise<void> {
  for (const statement of tables) await sql.raw(statement).execute(tx);
}

export const pushMigrations: readonly Migration[] = [
  { name: 'connectors-002-push-sink', up: createSinks },
];
