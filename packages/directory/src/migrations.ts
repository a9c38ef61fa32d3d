// The schema of this room. A released step never changes; a new wish is a new step.

import type { Migration } from '@countersign/storage';
import { type Kysely, sql } from 'kysely';
import { passkeyMigration, removedPasskeyMigration } from './passkeys/passkey-migration.ts';

type Schema = Kysely<unknown>;

export const directoryMigrations: readonly Migration[] = [
  {
    name: 'directory-001-first-tables',
    async up(tx) {
      await createTenants(tx);
      await createPeople(tx);
      await createClients(tx);
      await createTenantRecords(tx);
      await createConsents(tx);
    },
  },
  { name: 'directory-002-operators', up: createOperators },
  { name: 'directory-003-readers', up: createReaders },
  { name: 'directory-004-saved-searches', up: createSavedSearches },
  passkeyMigration,
  removedPasskeyMigration,
];

async function createTenants(tx: Schema): Promise<void> {
  await tx.schema
    .createTable('directory_tenant')
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('display_name', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .execute();
  await tx.schema
    .createTable('directory_realm')
    .addColumn('realm', 'text', (column) => column.primaryKey().notNull())
    .addColumn('tenant', 'text', (column) => column.notNull().references('directory_tenant.name'))
    .addColumn('population', 'text', (column) => column.notNull())
    .execute();
}

async function createPeople(tx: Schema): Promise<void> {
  await tx.schema
    .createTable('directory_person')
    .addColumn('realm', 'text', (column) => column.notNull().references('directory_realm.realm'))
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('username', 'text', (column) => column.notNull())
    .addColumn('username_key', 'text', (column) => column.notNull())
    .addColumn('email', 'text')
    .addColumn('email_verified', 'integer', (column) => column.notNull())
    .addColumn('name', 'text')
    .addColumn('disabled', 'integer', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('updated_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('directory_person_key', ['realm', 'id'])
    .addUniqueConstraint('directory_person_username', ['realm', 'username_key'])
    .execute();
  await tx.schema
    .createTable('directory_password')
    .addColumn('realm', 'text', (column) => column.notNull())
    .addColumn('person_id', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('set_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('directory_password_key', ['realm', 'person_id'])
    .addForeignKeyConstraint(
      'directory_password_person',
      ['realm', 'person_id'],
      'directory_person',
      ['realm', 'id'],
      (key) => key.onDelete('cascade'),
    )
    .execute();
}

async function createClients(tx: Schema): Promise<void> {
  await tx.schema
    .createTable('directory_client')
    .addColumn('realm', 'text', (column) => column.notNull().references('directory_realm.realm'))
    .addColumn('client_id', 'text', (column) => column.notNull())
    .addColumn('metadata', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('updated_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('directory_client_key', ['realm', 'client_id'])
    .execute();
  await tx.schema
    .createTable('directory_client_secret')
    .addColumn('realm', 'text', (column) => column.notNull())
    .addColumn('client_id', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_ms', 'bigint')
    .addPrimaryKeyConstraint('directory_client_secret_key', ['realm', 'client_id', 'hash'])
    .addForeignKeyConstraint(
      'directory_client_secret_client',
      ['realm', 'client_id'],
      'directory_client',
      ['realm', 'client_id'],
      (key) => key.onDelete('cascade'),
    )
    .execute();
}

async function createTenantRecords(tx: Schema): Promise<void> {
  await tx.schema
    .createTable('directory_resource')
    .addColumn('tenant', 'text', (column) => column.notNull().references('directory_tenant.name'))
    .addColumn('identifier', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('alg', 'text', (column) => column.notNull())
    .addColumn('access_token_lifetime_seconds', 'integer', (column) => column.notNull())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('populations', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('updated_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('directory_resource_key', ['tenant', 'identifier'])
    .execute();
  await tx.schema
    .createTable('directory_credential')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('kind', 'text', (column) =>
      column.notNull().check(sql`kind in ('reporter', 'submitter')`),
    )
    .addColumn('tenant', 'text', (column) => column.references('directory_tenant.name'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('revoked_ms', 'bigint')
    // A reporter speaks for one tenant, a submitter for the installation.
    .addCheckConstraint(
      'directory_credential_tenant',
      sql`(kind = 'reporter') = (tenant is not null)`,
    )
    .execute();
}

async function createConsents(tx: Schema): Promise<void> {
  await tx.schema
    .createTable('directory_consent')
    .addColumn('realm', 'text', (column) => column.notNull())
    .addColumn('person_id', 'text', (column) => column.notNull())
    .addColumn('client_id', 'text', (column) => column.notNull())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('resource_scopes', 'text', (column) => column.notNull())
    .addColumn('given_ms', 'bigint', (column) => column.notNull())
    .addColumn('updated_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('directory_consent_key', ['realm', 'person_id', 'client_id'])
    .addForeignKeyConstraint(
      'directory_consent_person',
      ['realm', 'person_id'],
      'directory_person',
      ['realm', 'id'],
      (key) => key.onDelete('cascade'),
    )
    .addForeignKeyConstraint(
      'directory_consent_client',
      ['realm', 'client_id'],
      'directory_client',
      ['realm', 'client_id'],
      (key) => key.onDelete('cascade'),
    )
    .execute();
}

async function createOperators(tx: Schema): Promise<void> {
  await tx.schema
    .createTable('directory_operator')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    // Also of those who were revoked: what is on record under a name stays one person's.
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('made_by', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('revoked_ms', 'bigint')
    .addColumn('revoked_by', 'text')
    .execute();
}

async function createReaders(tx: Schema): Promise<void> {
  await tx.schema
    .createTable('directory_reader')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('kind', 'text', (column) =>
      column.notNull().check(sql`kind in ('tenant', 'responder', 'person')`),
    )
    .addColumn('tenant', 'text', (column) => column.notNull().references('directory_tenant.name'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('manage', 'integer', (column) => column.notNull())
    .addColumn('subject', 'text')
    .addColumn('realm', 'text')
    .addColumn('reason', 'text')
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('made_by', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_ms', 'bigint')
    .addColumn('ended_ms', 'bigint')
    .addColumn('ended_by', 'text')
    // Whatever else goes wrong: a person without a subject would be a reader of everything.
    .addCheckConstraint('directory_reader_person', sql`(kind = 'person') = (subject is not null)`)
    .addCheckConstraint('directory_reader_realm', sql`(subject is null) = (realm is null)`)
    .addCheckConstraint('directory_reader_responder', sql`kind <> 'responder' or expires_ms > 0`)
    .addCheckConstraint('directory_reader_manage', sql`manage = 0 or kind = 'tenant'`)
    .execute();
}

async function createSavedSearches(tx: Schema): Promise<void> {
  await tx.schema
    .createTable('directory_saved_search')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('tenant', 'text', (column) => column.notNull().references('directory_tenant.name'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('filter', 'text', (column) => column.notNull())
    .addColumn('made_by', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('directory_saved_search_name', ['tenant', 'name'])
    .execute();
}
