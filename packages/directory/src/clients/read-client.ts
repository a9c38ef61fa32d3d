// Reads clients from their rows. A row that no longer passes the schema was written by somebody
// else, and is refused rather than served.

import { CodedError, parseRealmId, type RealmId } from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import type { DirectoryCode } from '../directory-error.ts';
import { parseStored } from '../parse-input.ts';
import type { DirectoryTables } from '../tables.ts';
import { type ClientRecord, clientSchema, toClientRecord } from './client-record.ts';
import type { StoredSecret } from './client-secrets.ts';

export interface KeptClient {
  client: ClientRecord;
  secrets: readonly StoredSecret[];
}

type Db = Kysely<DirectoryTables>;

export async function readClient(
  db: Db,
  realm: RealmId,
  clientId: string,
): Promise<KeptClient | undefined> {
  const rows = await db
    .selectFrom('directory_client')
    .leftJoin('directory_client_secret', (join) =>
      join
        .onRef('directory_client_secret.realm', '=', 'directory_client.realm')
        .onRef('directory_client_secret.client_id', '=', 'directory_client.client_id'),
    )
    .select([
      'directory_client.metadata',
      'directory_client_secret.hash',
      'directory_client_secret.expires_ms',
    ])
    .where('directory_client.realm', '=', realm)
    .where('directory_client.client_id', '=', clientId)
    .execute();
  const [first] = rows;
  if (first === undefined) return undefined;
  const secrets = rows.flatMap(({ hash, expires_ms }) =>
    hash === null ? [] : [{ hash, expiresMs: expires_ms }],
  );
  return { client: toClient(first.metadata, clientId), secrets };
}

export async function readClientPage(
  db: Db,
  realm: RealmId,
  { after, limit }: { after: string; limit: number },
): Promise<ClientRecord[]> {
  const rows = await db
    .selectFrom('directory_client')
    .select(['client_id', 'metadata'])
    .where('realm', '=', realm)
    .where('client_id', '>', after)
    .orderBy('client_id')
    .limit(limit)
    .execute();
  return rows.map((row) => toClient(row.metadata, row.client_id));
}

/** @throws CodedError `resource_unknown` naming the first that the tenant does not have. */
export async function requireResources(
  db: Db,
  realm: RealmId,
  identifiers: readonly string[],
): Promise<void> {
  if (identifiers.length === 0) return;
  const rows = await db
    .selectFrom('directory_resource')
    .select('identifier')
    .where('tenant', '=', parseRealmId(realm).tenant)
    .where('identifier', 'in', identifiers)
    .execute();
  const known = new Set(rows.map(({ identifier }) => identifier));
  const missing = identifiers.find((identifier) => !known.has(identifier));
  if (missing !== undefined) {
    throw new CodedError<DirectoryCode>(
      'resource_unknown',
      'resources: holds one that this tenant has not registered.',
      { detail: missing },
    );
  }
}

export function clientUnknown(): CodedError<DirectoryCode> {
  return new CodedError('client_unknown', 'There is no such client in this realm.');
}

const storedClient = clientSchema.transform(toClientRecord);

function toClient(metadata: string, clientId: string): ClientRecord {
  const client = parseStored(storedClient, () => JSON.parse(metadata));
  if (client.client_id !== clientId) {
    throw new CodedError<DirectoryCode>('record_damaged', 'A stored client is damaged.');
  }
  // Remembered and handed to many: nobody may change it in place.
  return freezeDeeply(client);
}

function freezeDeeply<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) freezeDeeply(member);
    Object.freeze(value);
  }
  return value;
}
