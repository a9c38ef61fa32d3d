// Sources that are pulled: what each is, how far it was read, and how it fares. No credential is here.

import type { Migration } from '@countersign/storage';
import { type Kysely, sql } from 'kysely';

export interface PullSourceRow {
  id: string;
  /** Whose record its records enter. */
  tenant: string;
  /** Unique within the tenant. */
  name: string;
  /** Checked settings, as JSON. */
  settings: string;
  enabled: number;
  /** Null before the first page. */
  checkpoint: string | null;
  /** When the next turn is due. */
  next_ms: number;
  last_turn_ms: number | null;
  /** When a turn last ended without a failure. */
  last_good_ms: number | null;
  /** Everything that happened before is read; null before the first window is done. */
  watermark_ms: number | null;
  /** Turns that failed since the last good one. */
  failures: number;
  error_code: string | null;
  error: string | null;
  /** Records that came in pages, doubles included. */
  records: number;
  created_ms: number;
  created_by: string;
}

export interface PullTables {
  pull_source: PullSourceRow;
}

async function createSources(tx: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `CREATE TABLE pull_source (
        id TEXT PRIMARY KEY, tenant TEXT NOT NULL, name TEXT NOT NULL, settings TEXT NOT NULL,
        enabled INTEGER NOT NULL, checkpoint TEXT, next_ms INTEGER NOT NULL, last_turn_ms INTEGER,
        last_good_ms INTEGER, watermark_ms INTEGER, failures INTEGER NOT NULL, error_code TEXT,
        error TEXT, records INTEGER NOT NULL, created_ms INTEGER NOT NULL, created_by TEXT NOT NULL,
        UNIQUE (tenant, name)) WITHOUT ROWID`,
    )
    .execute(tx);
}

export const pullMigrations: readonly Migration[] = [
  { name: 'connectors-001-pull-source', up: createSources },
];
