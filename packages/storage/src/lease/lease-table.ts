// One row a lease: who holds it, since which turn of hands, until when.

import { type Kysely, sql } from 'kysely';
import type { Migration } from '../store.ts';

export interface LeaseRow {
  name: string;
  /** Names one run of one process: never used again. */
  holder: string;
  /** Grows each time the lease is taken: what an older one still wants to write is refused. */
  epoch: number;
  taken_ms: number;
  renewed_ms: number;
  until_ms: number;
  /** How long it was taken for. */
  for_ms: number;
}

export interface LeaseTables {
  lease: LeaseRow;
}

async function createLease(tx: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `CREATE TABLE lease (
        name TEXT PRIMARY KEY, holder TEXT NOT NULL, epoch INTEGER NOT NULL, taken_ms INTEGER NOT NULL,
        renewed_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, for_ms INTEGER NOT NULL) WITHOUT ROWID`,
    )
    .execute(tx);
}

export const storageMigrations: readonly Migration[] = [
  { name: 'storage-001-lease', up: createLease },
];
