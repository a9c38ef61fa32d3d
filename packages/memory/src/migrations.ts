// The schema of this room.

import type { Migration } from '@countersign/storage';
import { type Kysely, sql } from 'kysely';

const statements = [
  `CREATE TABLE risk_act (
    sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, realm TEXT NOT NULL,
    subject TEXT, client TEXT, session TEXT, time_ms INTEGER NOT NULL, score REAL, level TEXT,
    action TEXT, about TEXT, body TEXT NOT NULL)`,
  'CREATE INDEX risk_act_realm ON risk_act (realm, sequence)',
  'CREATE INDEX risk_act_subject ON risk_act (realm, subject, sequence)',
  'CREATE INDEX risk_act_about ON risk_act (about) WHERE about IS NOT NULL',
  'CREATE INDEX risk_act_session ON risk_act (session, sequence) WHERE session IS NOT NULL',
  'CREATE INDEX risk_act_time ON risk_act (time_ms)',
  `CREATE TABLE risk_profile (
    realm TEXT NOT NULL, subject TEXT NOT NULL, profile BLOB NOT NULL, standing BLOB,
    standing_score REAL NOT NULL, standing_level TEXT NOT NULL, changed_ms INTEGER NOT NULL,
    PRIMARY KEY (realm, subject)) WITHOUT ROWID`,
  `CREATE INDEX risk_profile_standing ON risk_profile (realm, standing_score)
    WHERE standing_score > 0`,
  `CREATE TABLE risk_realm (
    realm TEXT PRIMARY KEY, counts BLOB NOT NULL, infrastructure BLOB NOT NULL,
    calibration BLOB NOT NULL, detectors BLOB NOT NULL, changed_ms INTEGER NOT NULL)`,
  `CREATE TABLE risk_snapshot (
    realm TEXT NOT NULL, subject TEXT NOT NULL, day INTEGER NOT NULL, profile BLOB,
    PRIMARY KEY (realm, subject, day)) WITHOUT ROWID`,
  'CREATE INDEX risk_snapshot_day ON risk_snapshot (day)',
  `CREATE TABLE risk_cursor (
    name TEXT PRIMARY KEY, sequence INTEGER NOT NULL, changed_ms INTEGER NOT NULL) WITHOUT ROWID`,
  `CREATE TABLE risk_key (
    tenant TEXT NOT NULL, generation INTEGER NOT NULL, made_ms INTEGER NOT NULL, sealed BLOB NOT NULL,
    PRIMARY KEY (tenant, generation)) WITHOUT ROWID`,
  `CREATE TABLE risk_model (
    role TEXT PRIMARY KEY, id TEXT NOT NULL, bytes BLOB NOT NULL, put_ms INTEGER NOT NULL,
    put_by TEXT NOT NULL)`,
  `CREATE TABLE risk_policy (
    tenant TEXT PRIMARY KEY, body TEXT NOT NULL, changed_ms INTEGER NOT NULL,
    changed_by TEXT NOT NULL) WITHOUT ROWID`,
];

async function createTables(tx: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(tx);
}

export const memoryMigrations: readonly Migration[] = [
  { name: 'memory-001-risk', up: createTables },
];
