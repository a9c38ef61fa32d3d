// Anchors of the trails in the log: each is announced here before the log is asked, so that its leaf
// is known to be ours whatever crash comes between.

import type { Migration } from '@countersign/storage';
import { type Kysely, sql } from 'kysely';

export interface AnchorTable {
  /** From 1. A number whose leaf the log never took stays used. */
  anchor: number;
  at_ms: number;
  leaf: Uint8Array;
  /** RFC 6962 hash of the leaf, 32 bytes. */
  leaf_hash: Uint8Array;
  /** Everything up to here was followed when the heads were taken. */
  sequence: number;
  /** What the log answered; null until it has. */
  log_index: number | null;
  log_origin: string | null;
  receipt: Uint8Array | null;
}

export interface AnchorEntryTable {
  anchor: number;
  tenant: string;
  /** Canonical JSON (`formatAnchorEntry`). */
  entry: string;
}

/** Anchors whose entries stay: some hours of a busy house, and always the newest. */
export const ANCHORS_WITH_ENTRIES = 1_000;
/** How long an anchor stays that has no entries any more: the reconciler may be behind. */
export const ANCHOR_KEPT_DAYS = 30;

const statements = [
  `CREATE TABLE anchor (
    anchor INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, leaf BLOB NOT NULL,
    leaf_hash BLOB NOT NULL UNIQUE, sequence INTEGER NOT NULL, log_index INTEGER,
    log_origin TEXT, receipt BLOB, CHECK ((log_index IS NULL) = (receipt IS NULL)))`,
  `CREATE TABLE anchor_entry (
    anchor INTEGER NOT NULL, tenant TEXT NOT NULL, entry TEXT NOT NULL,
    PRIMARY KEY (anchor, tenant)) WITHOUT ROWID`,
  // What the log has answered is final; until then only the answer may be added.
  `CREATE TRIGGER anchor_unchanged BEFORE UPDATE ON anchor
    WHEN OLD.receipt IS NOT NULL OR NEW.anchor <> OLD.anchor OR NEW.leaf <> OLD.leaf
      OR NEW.leaf_hash <> OLD.leaf_hash OR NEW.at_ms <> OLD.at_ms OR NEW.sequence <> OLD.sequence
    BEGIN SELECT RAISE(ABORT, 'append_only'); END`,
  `CREATE TRIGGER anchor_entry_unchanged BEFORE UPDATE ON anchor_entry
    BEGIN SELECT RAISE(ABORT, 'append_only'); END`,
  `CREATE TRIGGER anchor_stays BEFORE DELETE ON anchor
    WHEN OLD.anchor > (SELECT max(anchor) FROM anchor) - ${ANCHORS_WITH_ENTRIES}
      OR OLD.at_ms > (unixepoch('subsec') - ${ANCHOR_KEPT_DAYS} * 86400) * 1000
    BEGIN SELECT RAISE(ABORT, 'append_only'); END`,
  `CREATE TRIGGER anchor_entry_stays BEFORE DELETE ON anchor_entry
    WHEN OLD.anchor > (SELECT max(anchor) FROM anchor) - ${ANCHORS_WITH_ENTRIES}
    BEGIN SELECT RAISE(ABORT, 'append_only'); END`,
];

export const anchorMigration: Migration = {
  name: 'archive-002-anchors',
  async up(tx: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(tx);
  },
};
