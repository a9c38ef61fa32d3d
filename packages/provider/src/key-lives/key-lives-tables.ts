// What the lives of keys need to remember beyond the signer's own states: which events were told, and
// when a clock that jumps was last seen to tell the truth.

import type { Migration } from '@countersign/storage';
import { sql } from 'kysely';

/** An event of a key that is on record: each is told once, whatever crashes come between. */
export interface KeyToldRow {
  kid: string;
  event: string;
  told_ms: number;
}

/** One row: the clock as it was last looked at. */
export interface KeyClockRow {
  id: number;
  /** One start of one machine. */
  boot: string;
  /** Time since that start, which no jump of the clock changes. */
  steady_ms: number;
  wall_ms: number;
  /** By the clock after it. */
  jumped_ms: number | null;
}

export interface KeyLivesTables {
  provider_key_told: KeyToldRow;
  provider_key_clock: KeyClockRow;
}

const statements = [
  `CREATE TABLE provider_key_told (
    kid TEXT NOT NULL, event TEXT NOT NULL, told_ms BIGINT NOT NULL, PRIMARY KEY (kid, event))`,
  `CREATE TABLE provider_key_clock (
    id INTEGER PRIMARY KEY NOT NULL, boot TEXT NOT NULL, steady_ms BIGINT NOT NULL,
    wall_ms BIGINT NOT NULL, jumped_ms BIGINT)`,
];

export const keyLivesMigration: Migration = {
  name: 'provider-003-key-lives',
  async up(tx) {
    for (const statement of statements) await sql.raw(statement).execute(tx);
  },
};
