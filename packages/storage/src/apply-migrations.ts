// Brings the schema up to date, once per step, all new steps in one transaction. A step is known by
// its name and by a checksum over the statements it emits; what does not fit stops the start.

import { createHash } from 'node:crypto';
import { type Clock, CodedError } from '@countersign/vocabulary';
import type { SqliteConnection } from './sqlite/connection.ts';
import { openDoor, type RunQuery } from './sqlite/kysely-doors.ts';
import type { StorageCode } from './storage-error.ts';
import type { Migration } from './store.ts';

const TABLE = 'countersign_migrations';

/** Applies what is missing. @throws CodedError migration_unknown | _changed | _unsteady | _duplicate */
export async function applyMigrations(
  connection: SqliteConnection,
  migrations: readonly Migration[],
  clock: Clock,
): Promise<void> {
  refuseDuplicates(migrations);
  connection.command('BEGIN IMMEDIATE');
  try {
    connection.command(
      `CREATE TABLE IF NOT EXISTS ${TABLE} (name TEXT PRIMARY KEY, checksum TEXT NOT NULL,
        applied_ms INTEGER NOT NULL) WITHOUT ROWID, STRICT`,
    );
    const applied = readApplied(connection);
    refuseUnknown(applied, migrations);
    for (const migration of migrations) {
      await applyOne(connection, migration, applied.get(migration.name), clock);
    }
    connection.command('COMMIT');
  } catch (error) {
    if (connection.inTransaction) connection.command('ROLLBACK');
    throw error;
  }
}

async function applyOne(
  connection: SqliteConnection,
  migration: Migration,
  known: string | undefined,
  clock: Clock,
): Promise<void> {
  // Emitted once into the void, so that an applied step can be compared without running it.
  const expected = await emit(migration, () => ({ rows: [], changes: 0, insertId: undefined }));
  if (known === expected) return;
  if (known !== undefined) {
    throw new CodedError<StorageCode>(
      'migration_changed',
      `Migration ${migration.name} was applied in another form; released steps must not change: ` +
        'restore it and add a new one.',
    );
  }
  const emitted = await emit(migration, (text, values) => connection.run(text, values));
  if (emitted !== expected) {
    throw new CodedError<StorageCode>(
      'migration_unsteady',
      `Migration ${migration.name} emits different statements each time; it must not read data, ` +
        'time or randomness.',
    );
  }
  const values = [migration.name, emitted, clock.nowMs()];
  connection.run(`INSERT INTO ${TABLE} (name, checksum, applied_ms) VALUES (?, ?, ?)`, values);
}

async function emit(migration: Migration, run: RunQuery): Promise<string> {
  const hash = createHash('sha256');
  const door = openDoor<unknown>((text, values) => {
    hash.update(JSON.stringify([text, values]));
    return run(text, values);
  });
  await migration.up(door.tx);
  door.close();
  const failure = door.failure();
  if (failure !== undefined) throw failure.error;
  return hash.digest('hex');
}

function readApplied(connection: SqliteConnection): Map<string, string> {
  const { rows } = connection.run(`SELECT name, checksum FROM ${TABLE}`, []);
  return new Map(rows.map((row) => [String(row['name']), String(row['checksum'])]));
}

function refuseUnknown(
  applied: ReadonlyMap<string, string>,
  migrations: readonly Migration[],
): void {
  const names = new Set(migrations.map(({ name }) => name));
  const unknown = [...applied.keys()].filter((name) => !names.has(name));
  if (unknown.length > 0) {
    throw new CodedError<StorageCode>(
      'migration_unknown',
      `This database has steps this version does not know (${unknown.slice(0, 5).join(', ')}): ` +
        'start the newer version that wrote it.',
    );
  }
}

function refuseDuplicates(migrations: readonly Migration[]): void {
  const seen = new Set<string>();
  for (const { name } of migrations) {
    if (seen.has(name)) {
      throw new CodedError<StorageCode>(
        'migration_duplicate',
        `Two migrations are named ${name}; names are unique in the whole house.`,
      );
    }
    seen.add(name);
  }
}
