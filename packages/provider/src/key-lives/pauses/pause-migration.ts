// The table of pauses. One open row an issuer, kept by the database itself, so that two proposals at
// once cannot both stand, whichever server takes them.

import type { Migration } from '@countersign/storage';
import { sql } from 'kysely';

const statements = [
  `CREATE TABLE provider_key_pause (
    id TEXT PRIMARY KEY NOT NULL, issuer TEXT NOT NULL, realm TEXT NOT NULL, reason TEXT NOT NULL,
    proposed_by TEXT NOT NULL, proposed_ms BIGINT NOT NULL, until_ms BIGINT NOT NULL,
    approved_by TEXT, approved_ms BIGINT, ended_by TEXT, ended_ms BIGINT,
    CHECK ((approved_by IS NULL) = (approved_ms IS NULL)),
    CHECK (approved_by IS NULL OR approved_by <> proposed_by),
    CHECK (ended_by IS NULL OR ended_ms IS NOT NULL))`,
  'CREATE UNIQUE INDEX provider_key_pause_open ON provider_key_pause (issuer) WHERE ended_ms IS NULL',
  'CREATE INDEX provider_key_pause_issuer ON provider_key_pause (issuer, proposed_ms)',
];

export const keyPauseMigration: Migration = {
  name: 'provider-002-key-pauses',
  async up(tx) {
    for (const statement of statements) await sql.raw(statement).execute(tx);
  },
};
