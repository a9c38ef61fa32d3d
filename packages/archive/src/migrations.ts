// The schema of this room. Triggers keep what no code of ours may be trusted with alone: a segment on
// record stays what it is, nothing goes before its time, and an event leaves the hot table only when
// the log holds the root of a sealed segment that covers it.

import type { Migration } from '@countersign/storage';
import { type Kysely, sql } from 'kysely';
import { anchorMigration } from './anchors/anchor-tables.ts';

const tables = [
  `CREATE TABLE segment (
    tenant TEXT NOT NULL, segment INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    first_sequence INTEGER NOT NULL, last_sequence INTEGER NOT NULL,
    through_sequence INTEGER NOT NULL, root TEXT NOT NULL, head_before TEXT NOT NULL,
    head_after TEXT NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,
    sealed_ms INTEGER NOT NULL, state TEXT NOT NULL, keep_until_ms INTEGER NOT NULL,
    keep_keys_until_ms INTEGER NOT NULL, thinned_ms INTEGER, deleted_ms INTEGER, profile TEXT,
    pruned_ms INTEGER,
    PRIMARY KEY (tenant, segment), CHECK (first <= last AND first_sequence <= last_sequence))
    WITHOUT ROWID`,
  'CREATE UNIQUE INDEX segment_sequence ON segment (tenant, last_sequence)',
  'CREATE INDEX segment_through ON segment (through_sequence)',
  "CREATE INDEX segment_unanchored ON segment (tenant) WHERE state = 'sealed'",
  'CREATE INDEX segment_hot ON segment (sealed_ms) WHERE pruned_ms IS NULL',
  `CREATE TABLE segment_file (
    file TEXT PRIMARY KEY, tenant TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, first_uid TEXT NOT NULL,
    last_uid TEXT NOT NULL, bytes INTEGER NOT NULL, erased INTEGER NOT NULL, span TEXT NOT NULL,
    trouble TEXT, made_ms INTEGER NOT NULL) WITHOUT ROWID`,
  'CREATE UNIQUE INDEX segment_file_first ON segment_file (tenant, first)',
  `CREATE TABLE retention (
    tenant TEXT PRIMARY KEY, profile TEXT NOT NULL, changed_ms INTEGER NOT NULL) WITHOUT ROWID`,
  `CREATE TABLE erasure (
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, subject TEXT, asked_ms INTEGER NOT NULL,
    asked_by TEXT NOT NULL, reason TEXT NOT NULL, state TEXT NOT NULL,
    through_sequence INTEGER NOT NULL, events INTEGER, done_ms INTEGER) WITHOUT ROWID`,
  "CREATE INDEX erasure_asked ON erasure (asked_ms) WHERE state = 'asked'",
];

const FIXED = [
  ...['tenant', 'segment', 'first', 'last', 'first_sequence', 'last_sequence'],
  ...['through_sequence', 'root', 'head_before', 'head_after', 'first_ms', 'last_ms', 'sealed_ms'],
];
const NOW_MS = "(unixepoch('subsec') * 1000)";
const rank = (row: 'OLD' | 'NEW') =>
  `(CASE ${row}.state WHEN 'sealed' THEN 0 WHEN 'anchored' THEN 1 WHEN 'compacted' THEN 2
    WHEN 'deleted' THEN 3 ELSE -1 END)`;

const triggers = [
  `CREATE TRIGGER segment_stays BEFORE DELETE ON segment
    BEGIN SELECT RAISE(ABORT, 'append_only'); END`,
  `CREATE TRIGGER segment_begins BEFORE INSERT ON segment
    WHEN NEW.state <> 'sealed' OR NEW.deleted_ms IS NOT NULL OR NEW.thinned_ms IS NOT NULL OR EXISTS
      (SELECT 1 FROM segment WHERE tenant = NEW.tenant AND segment = NEW.segment)
    BEGIN SELECT RAISE(ABORT, 'append_only'); END`,
  `CREATE TRIGGER segment_unchanged BEFORE UPDATE ON segment
    WHEN ${FIXED.map((column) => `NEW.${column} <> OLD.${column}`).join(' OR ')}
      OR ${rank('NEW')} < ${rank('OLD')} OR OLD.state = 'deleted'
      OR NEW.keep_until_ms < OLD.keep_until_ms OR NEW.keep_keys_until_ms < OLD.keep_keys_until_ms
    BEGIN SELECT RAISE(ABORT, 'append_only'); END`,
  // The clock of the database file itself: no caller brings the time at which something may go.
  `CREATE TRIGGER segment_kept BEFORE UPDATE OF state ON segment
    WHEN NEW.state = 'deleted' AND (OLD.state = 'sealed' OR NEW.deleted_ms IS NULL
      OR OLD.keep_until_ms > ${NOW_MS} OR OLD.keep_keys_until_ms > ${NOW_MS})
    BEGIN SELECT RAISE(ABORT, 'kept'); END`,
  `CREATE TRIGGER segment_thinned BEFORE UPDATE OF thinned_ms ON segment
    WHEN OLD.state = 'sealed' OR OLD.keep_until_ms > ${NOW_MS}
    BEGIN SELECT RAISE(ABORT, 'kept'); END`,
  'DROP TRIGGER event_stays',
  `CREATE TRIGGER event_stays BEFORE DELETE ON event
    WHEN NOT EXISTS (SELECT 1 FROM segment
      WHERE tenant = coalesce(OLD.tenant, '_installation') AND last_sequence >= OLD.sequence
        AND first_sequence <= OLD.sequence AND state <> 'sealed')
    BEGIN SELECT RAISE(ABORT, 'append_only'); END`,
];

async function run(tx: Kysely<unknown>, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(tx);
}

/** After those of the audit room, whose `event` table they guard. */
export const archiveMigrations: readonly Migration[] = [
  { name: 'archive-001-segments', up: (tx) => run(tx, [...tables, ...triggers]) },
  anchorMigration,
  {
    name: 'archive-003-profile-before',
    up: (tx) =>
      run(tx, [
        'ALTER TABLE retention ADD COLUMN before_profile TEXT',
        'ALTER TABLE retention ADD COLUMN before_through INTEGER',
      ]),
  },
];
