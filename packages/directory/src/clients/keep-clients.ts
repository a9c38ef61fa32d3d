// OAuth clients of a realm. /token asks for one each time, so lookups are remembered.

import {
  type ActorFacts,
  newId,
  newSecret,
  parseRealmId,
  type RealmId,
} from '@countersign/vocabulary';
import { renaming } from '../directory-error.ts';
import type { DirectoryParts } from '../directory-parts.ts';
import { type Page, parseInput, parsePage } from '../parse-input.ts';
import { describeDifference, recordChange } from '../record-change.ts';
import { rememberLookups } from '../remember-lookups.ts';
import { unknownRealm } from '../tenants/keep-tenants.ts';
import { changeSecret } from './change-secret.ts';
import {
  type ClientRecord,
  clientSchema,
  hasSecret,
  type NewClient,
  toClientRecord,
} from './client-record.ts';
import { hashSecret, matchesSecret } from './client-secrets.ts';
import {
  clientUnknown,
  type KeptClient,
  readClient,
  readClientPage,
  requireResources,
} from './read-client.ts';

export interface Clients {
  /**
   * Registers a client; `secret` is there for `client_secret_*` clients and is never shown again.
   * @throws CodedError bad_client | client_exists | realm_unknown | resource_unknown
   */
  register(
    realm: RealmId,
    client: NewClient,
    by?: ActorFacts,
  ): Promise<{ client: ClientRecord; secret: string | undefined }>;
  find(realm: RealmId, clientId: string): Promise<ClientRecord | undefined>;
  /** In order of client_id. */
  list(realm: RealmId, page?: Page): Promise<ClientRecord[]>;
  /**
   * Changes members, keeping the others; how the client authenticates cannot change.
   * @throws CodedError bad_client | client_unknown | resource_unknown
   */
  update(
    realm: RealmId,
    clientId: string,
    changes: Partial<NewClient>,
    by?: ActorFacts,
  ): Promise<ClientRecord>;
  /** Removes the client, its secrets and the consents given to it. @throws client_unknown */
  remove(realm: RealmId, clientId: string, by?: ActorFacts): Promise<void>;
  /** The client, when the secret is one of its valid ones. Constant time. */
  verifySecret(realm: RealmId, clientId: string, secret: string): Promise<ClientRecord | undefined>;
  /**
   * A new secret; the one before stays valid for `keepOldSeconds` (default 0, at most 30 days).
   * @throws CodedError client_unknown | client_without_secret | bad_client
   */
  rotateSecret(
    realm: RealmId,
    clientId: string,
    options?: { keepOldSeconds?: number },
    by?: ActorFacts,
  ): Promise<{ secret: string }>;
}

export function keepClients(parts: DirectoryParts): Clients {
  const memory = rememberLookups<KeptClient>(parts.clock);
  const keyOf = (realm: RealmId, clientId: string): string => `${realm} ${clientId}`;
  const find = (realm: RealmId, clientId: string): Promise<KeptClient | undefined> =>
    memory.find(keyOf(realm, clientId), () => readClient(parts.store.read, realm, clientId));
  /** Runs a write and then forgets the client, also when the outcome of the write is unknown. */
  const writing = async <T>(realm: RealmId, clientId: string, write: Promise<T>): Promise<T> => {
    try {
      return await write;
    } finally {
      memory.forget(keyOf(realm, clientId));
    }
  };
  return {
    async register(realm, input, by) {
      const client = parseInput(clientSchema, 'bad_client', {
        ...input,
        client_id: input.client_id ?? newId(parts.random),
      });
      parseRealmId(realm);
      const secret = hasSecret(client) ? newSecret(parts.random) : undefined;
      await writing(realm, client.client_id, insertClient(parts, { realm, client, secret, by }));
      return { client: toClientRecord(client), secret };
    },
    find: async (realm, clientId) => (await find(realm, clientId))?.client,
    list: (realm, page) => readClientPage(parts.store.read, realm, parsePage(page)),
    update: (realm, clientId, changes, by) =>
      writing(realm, clientId, updateClient(parts, { realm, clientId, changes, by })),
    remove: (realm, clientId, by) =>
      writing(realm, clientId, removeClient(parts, realm, clientId, by)),
    async verifySecret(realm, clientId, secret) {
      const kept = await find(realm, clientId);
      if (kept === undefined) return undefined;
      return matchesSecret(secret, kept.secrets, parts.clock.nowMs()) ? kept.client : undefined;
    },
    rotateSecret: (realm, clientId, options, by) =>
      writing(realm, clientId, changeSecret(parts, { realm, clientId, options, by })),
  };
}

type ParsedClient = Omit<ClientRecord, 'response_types'>;

async function insertClient(
  parts: DirectoryParts,
  {
    realm,
    client,
    secret,
    by,
  }: {
    realm: RealmId;
    client: ParsedClient;
    secret: string | undefined;
    by: ActorFacts | undefined;
  },
): Promise<void> {
  const { store, clock } = parts;
  const key = { realm, client_id: client.client_id };
  const nowMs = clock.nowMs();
  const times = { created_ms: nowMs, updated_ms: nowMs };
  const write = store.transaction(async (tx) => {
    await requireResources(tx, realm, client.resources);
    const row = { ...key, ...times, metadata: JSON.stringify(client) };
    await tx.insertInto('directory_client').values(row).execute();
    const change = describeDifference({}, client);
    await recordChange(parts, tx, { name: 'client.created', ...itemOf(realm, client), change }, by);
    if (secret === undefined) return;
    const hashed = { ...key, hash: hashSecret(secret), created_ms: nowMs, expires_ms: null };
    await tx.insertInto('directory_client_secret').values(hashed).execute();
  });
  await renaming(write, {
    storage_conflict: ['client_exists', 'A client with this client_id exists in this realm.'],
    storage_constraint: unknownRealm,
  });
}

function updateClient(
  parts: DirectoryParts,
  {
    realm,
    clientId,
    changes,
    by,
  }: {
    realm: RealmId;
    clientId: string;
    changes: Partial<NewClient>;
    by: ActorFacts | undefined;
  },
): Promise<ClientRecord> {
  const { store, clock } = parts;
  return store.transaction(async (tx) => {
    const kept = await readClient(tx, realm, clientId);
    if (kept === undefined) throw clientUnknown();
    const { response_types: _derived, ...before } = kept.client;
    const client = parseInput(clientSchema, 'bad_client', {
      ...before,
      ...changes,
      client_id: clientId,
      token_endpoint_auth_method: before.token_endpoint_auth_method,
    });
    await requireResources(tx, realm, client.resources);
    await tx
      .updateTable('directory_client')
      .set({ metadata: JSON.stringify(client), updated_ms: clock.nowMs() })
      .where('realm', '=', realm)
      .where('client_id', '=', clientId)
      .execute();
    const change = describeDifference(before, client);
    const operation = operationOf(Object.keys({ ...change.before, ...change.after }));
    const event = { name: 'client.changed' as const, ...itemOf(realm, client), operation, change };
    await recordChange(parts, tx, event, by);
    return toClientRecord(client);
  });
}

async function removeClient(
  parts: DirectoryParts,
  realm: RealmId,
  clientId: string,
  by: ActorFacts | undefined,
): Promise<void> {
  await parts.store.transaction(async (tx) => {
    const { numDeletedRows } = await tx
      .deleteFrom('directory_client')
      .where('realm', '=', realm)
      .where('client_id', '=', clientId)
      .executeTakeFirst();
    if (numDeletedRows === 0n) throw clientUnknown();
    const item = itemOf(realm, { client_id: clientId });
    await recordChange(parts, tx, { name: 'client.removed', ...item }, by);
  });
}

function itemOf(realm: RealmId, client: { client_id: string; client_name?: string | undefined }) {
  const name = client.client_name;
  const item = { kind: 'client', id: client.client_id, ...(name === undefined ? {} : { name }) };
  return { realm, item };
}

/** The change that matters most to somebody who looks for a thief gives the event its name. */
function operationOf(members: readonly string[]): string {
  if (members.includes('redirect_uris')) return 'redirect_uris_changed';
  return members.includes('jwks') ? 'certificate_changed' : 'changed';
}
