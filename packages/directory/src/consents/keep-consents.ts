// Consents of people to clients: given, looked up at each sign-in, withdrawn.

import { parseRealmId, type RealmId } from '@countersign/vocabulary';
import type { Kysely, Selectable } from 'kysely';
import { z } from 'zod';
import { renaming } from '../directory-error.ts';
import type { DirectoryParts } from '../directory-parts.ts';
import { parseInput, parseStored } from '../parse-input.ts';
import { describeDifference, recordChange } from '../record-change.ts';
import { resourceIdentifier } from '../resources/resource-server.ts';
import type { DirectoryTables } from '../tables.ts';
import { type ConsentScopes, joinConsents, noConsent } from './consent.ts';

export interface Consent extends ConsentScopes {
  realm: RealmId;
  personId: string;
  clientId: string;
  /** When anything was first allowed. */
  givenMs: number;
  updatedMs: number;
}

export interface NewConsent extends Partial<ConsentScopes> {
  realm: RealmId;
  personId: string;
  clientId: string;
}

export interface Consents {
  /** Adds to what was allowed. @throws CodedError bad_consent | person_unknown */
  give(consent: NewConsent): Promise<Consent>;
  find(realm: RealmId, personId: string, clientId: string): Promise<Consent | undefined>;
  /** At most 500, in order of client. */
  listOf(realm: RealmId, personId: string): Promise<Consent[]>;
  /** True when there was one. */
  withdraw(realm: RealmId, personId: string, clientId: string): Promise<boolean>;
}

const MOST_SCOPES = 200;
const MOST_RESOURCES = 50;
const MOST_LISTED = 500;

const scopes = z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/)).max(MOST_SCOPES);
const scopesSchema = z.strictObject({
  scopes: scopes.default([]),
  resourceScopes: z
    .record(resourceIdentifier, scopes)
    .refine((record) => Object.keys(record).length <= MOST_RESOURCES, 'holds too many')
    .default({}),
});

type Db = Kysely<DirectoryTables>;
type Row = Selectable<DirectoryTables['directory_consent']>;

export function keepConsents(parts: DirectoryParts): Consents {
  const { store, clock } = parts;
  return {
    async give({ realm, personId, clientId, ...given }) {
      const wanted = parseInput(scopesSchema, 'bad_consent', given);
      parseRealmId(realm);
      const write = store.transaction(async (tx) => {
        const row = await readRow(tx, realm, personId, clientId);
        const before = row === undefined ? noConsent : toScopes(row);
        const joined = parseInput(scopesSchema, 'bad_consent', joinConsents(before, wanted));
        const nowMs = clock.nowMs();
        const changed: Row = {
          realm,
          person_id: personId,
          client_id: clientId,
          scopes: JSON.stringify(joined.scopes),
          resource_scopes: JSON.stringify(joined.resourceScopes),
          given_ms: row?.given_ms ?? nowMs,
          updated_ms: nowMs,
        };
        const { scopes, resource_scopes, updated_ms } = changed;
        await tx
          .insertInto('directory_consent')
          .values(changed)
          .onConflict((conflict) =>
            conflict
              .columns(['realm', 'person_id', 'client_id'])
              .doUpdateSet({ scopes, resource_scopes, updated_ms }),
          )
          .execute();
        const event = {
          name: 'consent.granted' as const,
          ...ofConsent(realm, personId, clientId),
          change: describeDifference({ ...before }, joined),
        };
        await recordChange(parts, tx, event, { kind: 'person', id: personId });
        return toConsent(changed);
      });
      return renaming(write, {
        storage_constraint: ['person_unknown', 'There is no such person or client in this realm.'],
      });
    },
    async find(realm, personId, clientId) {
      const row = await readRow(store.read, realm, personId, clientId);
      return row === undefined ? undefined : toConsent(row);
    },
    async listOf(realm, personId) {
      const rows = await store.read
        .selectFrom('directory_consent')
        .selectAll()
        .where('realm', '=', realm)
        .where('person_id', '=', personId)
        .orderBy('client_id')
        .limit(MOST_LISTED)
        .execute();
      return rows.map(toConsent);
    },
    withdraw: (realm, personId, clientId) => withdraw(parts, realm, personId, clientId),
  };
}

async function withdraw(
  parts: DirectoryParts,
  realm: RealmId,
  personId: string,
  clientId: string,
): Promise<boolean> {
  return parts.store.transaction(async (tx) => {
    const { numDeletedRows } = await tx
      .deleteFrom('directory_consent')
      .where('realm', '=', realm)
      .where('person_id', '=', personId)
      .where('client_id', '=', clientId)
      .executeTakeFirst();
    if (numDeletedRows === 0n) return false;
    const event = {
      name: 'consent.withdrawn' as const,
      ...ofConsent(realm, personId, clientId),
    };
    await recordChange(parts, tx, event, { kind: 'person', id: personId });
    return true;
  });
}

function ofConsent(realm: RealmId, subject: string, clientId: string) {
  return { realm, subject, clientId, item: { kind: 'client', id: clientId } };
}

function readRow(
  db: Db,
  realm: RealmId,
  personId: string,
  clientId: string,
): Promise<Row | undefined> {
  return db
    .selectFrom('directory_consent')
    .selectAll()
    .where('realm', '=', realm)
    .where('person_id', '=', personId)
    .where('client_id', '=', clientId)
    .executeTakeFirst();
}

function toScopes(row: Row): ConsentScopes {
  return parseStored(scopesSchema, () => ({
    scopes: JSON.parse(row.scopes),
    resourceScopes: JSON.parse(row.resource_scopes),
  }));
}

function toConsent(row: Row): Consent {
  return {
    realm: row.realm,
    personId: row.person_id,
    clientId: row.client_id,
    ...toScopes(row),
    givenMs: row.given_ms,
    updatedMs: row.updated_ms,
  };
}
