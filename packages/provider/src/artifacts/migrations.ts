// The schema of this room, as steps.

import type { Migration } from '@countersign/storage';
import { type Kysely, sql } from 'kysely';
import { keyLivesMigration } from '../key-lives/key-lives-tables.ts';
import { keyPauseMigration } from '../key-lives/pauses/pause-migration.ts';

const tables = [
  `CREATE TABLE provider_artifacts (
    realm TEXT NOT NULL, model TEXT NOT NULL, id_hash TEXT NOT NULL, grant_id TEXT,
    account_id TEXT, user_code TEXT, payload TEXT NOT NULL, expires_at INTEGER NOT NULL, consumed_at INTEGER,
    PRIMARY KEY (realm, model, id_hash))`,
  'CREATE INDEX provider_artifacts_grant ON provider_artifacts (realm, grant_id) WHERE grant_id IS NOT NULL',
  'CREATE INDEX provider_artifacts_account ON provider_artifacts (realm, account_id) WHERE account_id IS NOT NULL',
  'CREATE UNIQUE INDEX provider_artifacts_user_code ON provider_artifacts (realm, user_code) WHERE user_code IS NOT NULL',
  'CREATE INDEX provider_artifacts_expiry ON provider_artifacts (expires_at)',
  `CREATE TABLE provider_sessions (
    realm TEXT NOT NULL, uid TEXT NOT NULL, id_hash TEXT NOT NULL, account_id TEXT,
    signed_in_at INTEGER, payload TEXT NOT NULL, expires_at INTEGER NOT NULL,
    PRIMARY KEY (realm, uid))`,
  'CREATE UNIQUE INDEX provider_sessions_id ON provider_sessions (realm, id_hash)',
  'CREATE INDEX provider_sessions_account ON provider_sessions (realm, account_id) WHERE account_id IS NOT NULL',
  'CREATE INDEX provider_sessions_expiry ON provider_sessions (expires_at)',
];

async function createTables(tx: Kysely<unknown>): Promise<void> {
  for (const statement of tables) await sql.raw(statement).execute(tx);
}

export const providerMigrations: readonly Migration[] = [
  { name: 'provider-001-artifacts', up: createTables },
  keyPauseMigration,
  keyLivesMigration,
];
