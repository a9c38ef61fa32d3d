// The tables of passkeys. They go with their person.

import type { Migration } from '@countersign/storage';
import type { Kysely } from 'kysely';

export const passkeyMigration: Migration = { name: 'directory-005-passkeys', up: createPasskeys };

export const removedPasskeyMigration: Migration = {
  name: 'directory-006-removed-passkeys',
  up: createRemovedPasskeys,
};

async function createPasskeys(tx: Kysely<unknown>): Promise<void> {
  await tx.schema
    .createTable('directory_passkey_handle')
    .addColumn('realm', 'text', (column) => column.notNull())
    .addColumn('person_id', 'text', (column) => column.notNull())
    .addColumn('handle', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('directory_passkey_handle_key', ['realm', 'person_id'])
    .addForeignKeyConstraint(
      'directory_passkey_handle_person',
      ['realm', 'person_id'],
      'directory_person',
      ['realm', 'id'],
      (key) => key.onDelete('cascade'),
    )
    .execute();
  await tx.schema
    .createTable('directory_passkey')
    .addColumn('realm', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('person_id', 'text', (column) => column.notNull())
    .addColumn('public_key', 'text', (column) => column.notNull())
    .addColumn('counter', 'bigint', (column) => column.notNull())
    .addColumn('transports', 'text', (column) => column.notNull())
    .addColumn('multi_device', 'integer', (column) => column.notNull())
    .addColumn('backed_up', 'integer', (column) => column.notNull())
    .addColumn('aaguid', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('last_used_ms', 'bigint')
    .addColumn('stopped_ms', 'bigint')
    // One person's, whatever else goes wrong.
    .addPrimaryKeyConstraint('directory_passkey_key', ['realm', 'id'])
    .addForeignKeyConstraint(
      'directory_passkey_person',
      ['realm', 'person_id'],
      'directory_person',
      ['realm', 'id'],
      (key) => key.onDelete('cascade'),
    )
    .execute();
  await tx.schema
    .createIndex('directory_passkey_of_person')
    .on('directory_passkey')
    .columns(['realm', 'person_id'])
    .execute();
}

/** What others took away of a person, to be told to the person. */
async function createRemovedPasskeys(tx: Kysely<unknown>): Promise<void> {
  await tx.schema
    .createTable('directory_removed_passkey')
    .addColumn('realm', 'text', (column) => column.notNull())
    .addColumn('person_id', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('removed_ms', 'bigint', (column) => column.notNull())
    // Enrolled and taken away twice is told twice.
    .addPrimaryKeyConstraint('directory_removed_passkey_key', [
      ...(['realm', 'person_id', 'id', 'removed_ms'] as const),
    ])
    .addForeignKeyConstraint(
      'directory_removed_passkey_person',
      ['realm', 'person_id'],
      'directory_person',
      ['realm', 'id'],
      (key) => key.onDelete('cascade'),
    )
    .execute();
}
