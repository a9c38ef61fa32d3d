// Tenants: each has exactly four realms, one per population, from its first moment.

import { type ActorFacts, isTenantName, POPULATIONS, realmId } from '@countersign/vocabulary';
import { z } from 'zod';
import { type DirectoryCode, renaming } from '../directory-error.ts';
import type { DirectoryParts } from '../directory-parts.ts';
import { lineOfText, type Page, parseInput, parsePage } from '../parse-input.ts';
import { recordChange } from '../record-change.ts';
import { rememberLookups } from '../remember-lookups.ts';

export interface Tenant {
  /** Slug, part of every issuer URL; never changes. */
  name: string;
  displayName: string;
  createdMs: number;
}

export interface Tenants {
  /** Creates a tenant with its four realms. @throws CodedError bad_tenant | tenant_exists */
  create(input: { name: string; displayName?: string }, by?: ActorFacts): Promise<Tenant>;
  find(name: string): Promise<Tenant | undefined>;
  /** In order of name. */
  list(page?: Page): Promise<Tenant[]>;
}

const tenantSchema = z.strictObject({
  name: z.string().refine(isTenantName, 'is a lower-case letter, then up to 62 of a-z 0-9 -'),
  displayName: lineOfText(120).optional(),
});

export function keepTenants(parts: DirectoryParts): Tenants {
  const { store, clock } = parts;
  const memory = rememberLookups<Tenant>(clock);
  return {
    async create(input, by) {
      const { name, displayName = name } = parseInput(tenantSchema, 'bad_tenant', input);
      const tenant: Tenant = { name, displayName, createdMs: clock.nowMs() };
      const row = { name, display_name: displayName, created_ms: tenant.createdMs };
      const realms = POPULATIONS.map((population) => ({
        realm: realmId({ tenant: name, population }),
        tenant: name,
        population,
      }));
      const write = store.transaction(async (tx) => {
        await tx.insertInto('directory_tenant').values(row).execute();
        await tx.insertInto('directory_realm').values(realms).execute();
        const item = { kind: 'tenant', id: name, name: displayName };
        await recordChange(parts, tx, { name: 'tenant.created', tenant: name, item }, by);
      });
      await renaming(write, {
        storage_conflict: ['tenant_exists', 'A tenant of this name exists.'],
      });
      memory.forget(name);
      return tenant;
    },
    find: (name) =>
      memory.find(name, async () => {
        const row = await store.read
          .selectFrom('directory_tenant')
          .selectAll()
          .where('name', '=', name)
          .executeTakeFirst();
        return row === undefined ? undefined : toTenant(row);
      }),
    async list(page) {
      const { after, limit } = parsePage(page);
      const rows = await store.read
        .selectFrom('directory_tenant')
        .selectAll()
        .where('name', '>', after)
        .orderBy('name')
        .limit(limit)
        .execute();
      return rows.map(toTenant);
    },
  };
}

function toTenant(row: { name: string; display_name: string; created_ms: number }): Tenant {
  return { name: row.name, displayName: row.display_name, createdMs: row.created_ms };
}

/** The refusal for a row whose realm does not exist, wherever a foreign key finds that out. */
export const unknownRealm: [DirectoryCode, string] = [
  'realm_unknown',
  'There is no such realm: the tenant does not exist.',
];
