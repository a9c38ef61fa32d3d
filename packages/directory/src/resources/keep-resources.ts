// Resource servers of a tenant. Each token request asks for one, so lookups are remembered.

import { type ActorFacts, CodedError } from '@countersign/vocabulary';
import type { Selectable } from 'kysely';
import { type DirectoryCode, renaming } from '../directory-error.ts';
import type { DirectoryParts } from '../directory-parts.ts';
import { type Page, parseInput, parsePage, parseStored } from '../parse-input.ts';
import { describeDifference, recordChange } from '../record-change.ts';
import { rememberLookups } from '../remember-lookups.ts';
import type { DirectoryTables } from '../tables.ts';
import { type NewResource, type ResourceServer, resourceSchema } from './resource-server.ts';

export interface Resources {
  /** @throws CodedError bad_resource | resource_exists | tenant_unknown */
  register(resource: NewResource, by?: ActorFacts): Promise<ResourceServer>;
  find(tenant: string, identifier: string): Promise<ResourceServer | undefined>;
  /** In order of identifier. */
  list(tenant: string, page?: Page): Promise<ResourceServer[]>;
  /** Replaces all but tenant and identifier. @throws CodedError bad_resource | resource_unknown */
  replace(resource: NewResource, by?: ActorFacts): Promise<ResourceServer>;
}

type Row = Selectable<DirectoryTables['directory_resource']>;

export function keepResources(parts: DirectoryParts): Resources {
  const { store, clock } = parts;
  const memory = rememberLookups<ResourceServer>(clock);
  const keyOf = (tenant: string, identifier: string): string => `${tenant} ${identifier}`;
  const select = () => store.read.selectFrom('directory_resource').selectAll();
  return {
    async register(input, by) {
      const resource = parseInput(resourceSchema, 'bad_resource', input);
      const nowMs = clock.nowMs();
      const { tenant, identifier } = resource;
      const row = {
        tenant,
        identifier,
        ...toColumns(resource),
        created_ms: nowMs,
        updated_ms: nowMs,
      };
      const write = store.transaction(async (tx) => {
        await tx.insertInto('directory_resource').values(row).execute();
        await recordChange(parts, tx, changeOf('created', undefined, resource), by);
      });
      await renaming(write, {
        storage_conflict: ['resource_exists', 'This tenant has a resource of this identifier.'],
        storage_constraint: ['tenant_unknown', 'There is no such tenant.'],
      });
      memory.forget(keyOf(tenant, identifier));
      return resource;
    },
    find: (tenant, identifier) =>
      memory.find(keyOf(tenant, identifier), async () => {
        const row = await select()
          .where('tenant', '=', tenant)
          .where('identifier', '=', identifier)
          .executeTakeFirst();
        return row === undefined ? undefined : toResource(row);
      }),
    async list(tenant, page) {
      const { after, limit } = parsePage(page);
      const rows = await select()
        .where('tenant', '=', tenant)
        .where('identifier', '>', after)
        .orderBy('identifier')
        .limit(limit)
        .execute();
      return rows.map(toResource);
    },
    async replace(input, by) {
      const resource = parseInput(resourceSchema, 'bad_resource', input);
      const { tenant, identifier } = resource;
      const write = store.transaction(async (tx) => {
        const row = await tx
          .selectFrom('directory_resource')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('identifier', '=', identifier)
          .executeTakeFirst();
        if (row === undefined) {
          throw new CodedError<DirectoryCode>('resource_unknown', 'There is no such resource.');
        }
        await tx
          .updateTable('directory_resource')
          .set({ ...toColumns(resource), updated_ms: clock.nowMs() })
          .where('tenant', '=', tenant)
          .where('identifier', '=', identifier)
          .execute();
        await recordChange(parts, tx, changeOf('changed', toResource(row), resource), by);
      });
      await write.finally(() => memory.forget(keyOf(tenant, identifier)));
      return resource;
    },
  };
}

/** What a resource server takes, and for how long, is a policy. */
function changeOf(operation: string, before: ResourceServer | undefined, after: ResourceServer) {
  const { tenant, identifier, name } = after;
  return {
    name: 'policy.changed' as const,
    tenant,
    item: { kind: 'resource', id: identifier, name },
    operation,
    change: describeDifference({ ...before }, { ...after }),
  };
}

function toColumns(resource: ResourceServer) {
  return {
    name: resource.name,
    alg: resource.alg,
    access_token_lifetime_seconds: resource.accessTokenLifetimeSeconds,
    scopes: JSON.stringify(resource.scopes),
    populations: JSON.stringify(resource.populations),
  };
}

function toResource(row: Row): ResourceServer {
  return parseStored(resourceSchema, () => ({
    tenant: row.tenant,
    identifier: row.identifier,
    name: row.name,
    alg: row.alg,
    accessTokenLifetimeSeconds: row.access_token_lifetime_seconds,
    scopes: JSON.parse(row.scopes),
    populations: JSON.parse(row.populations),
  }));
}
