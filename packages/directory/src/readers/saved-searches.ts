// Searches with a name, of one tenant: the text of the filter and nothing else. Who runs one sees with it
// what that reader sees without it.

import { CodedError, newId } from '@countersign/vocabulary';
import { z } from 'zod';
import type { Alongside } from '../credentials/operators.ts';
import { type DirectoryCode, renaming } from '../directory-error.ts';
import type { DirectoryParts } from '../directory-parts.ts';
import { lineOfText, type Page, parseInput, parsePage } from '../parse-input.ts';
import type { DirectoryTables } from '../tables.ts';

export interface SavedSearch {
  id: string;
  tenant: string;
  /** One of each name in a tenant. */
  name: string;
  filter: string;
  madeBy: string;
  createdMs: number;
}

export interface SavedSearches {
  /** @throws CodedError bad_search | search_exists | tenant_unknown | too_many_searches */
  save(
    input: { tenant: string; name: string; filter: string; by: string },
    alongside?: (search: SavedSearch) => Alongside,
  ): Promise<SavedSearch>;
  /** By id, or by name. */
  find(tenant: string, idOrName: string): Promise<SavedSearch | undefined>;
  /** @throws CodedError search_unknown, also for one of another tenant */
  remove(
    input: { tenant: string; id: string },
    alongside?: (search: SavedSearch) => Alongside,
  ): Promise<void>;
  /** By id. */
  list(tenant: string, page?: Page): Promise<SavedSearch[]>;
}

export const MOST_SEARCHES = 500;

const schema = z.strictObject({
  tenant: z.string().max(63),
  name: lineOfText(80),
  filter: z.string().max(4096),
  by: z.string().max(200),
});

type SearchRow = DirectoryTables['directory_saved_search'];

export function keepSavedSearches({ store, clock, random }: DirectoryParts): SavedSearches {
  const select = (tenant: string) =>
    store.read.selectFrom('directory_saved_search').selectAll().where('tenant', '=', tenant);
  const find = async (tenant: string, idOrName: string): Promise<SavedSearch | undefined> => {
    const rows = await select(tenant)
      .where((row) => row.or([row('id', '=', idOrName), row('name', '=', idOrName)]))
      .orderBy((row) => row.case().when('id', '=', idOrName).then(0).else(1).end())
      .limit(1)
      .execute();
    return rows[0] === undefined ? undefined : toSearch(rows[0]);
  };
  return {
    find,
    async save(input, alongside) {
      const { tenant, name, filter, by } = parseInput(schema, 'bad_search', input);
      const row: SearchRow = {
        ...{ id: newId(random), tenant, name, filter, made_by: by, created_ms: clock.nowMs() },
      };
      const write = store.transaction(async (tx) => {
        const { count } = await tx
          .selectFrom('directory_saved_search')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .where('tenant', '=', tenant)
          .executeTakeFirstOrThrow();
        if (Number(count) >= MOST_SEARCHES) {
          const message = `A tenant keeps ${MOST_SEARCHES} searches; remove some.`;
          throw new CodedError<DirectoryCode>('too_many_searches', message);
        }
        await tx.insertInto('directory_saved_search').values(row).execute();
        await alongside?.(toSearch(row))(tx);
      });
      await renaming(write, {
        storage_conflict: ['search_exists', 'There is a search of this name; remove it first.'],
        storage_constraint: ['tenant_unknown', 'There is no such tenant.'],
      });
      return toSearch(row);
    },
    async remove({ tenant, id }, alongside) {
      const search = await find(tenant, id);
      if (search === undefined) {
        throw new CodedError<DirectoryCode>('search_unknown', 'There is no such search.');
      }
      await store.transaction(async (tx) => {
        const { numDeletedRows } = await tx
          .deleteFrom('directory_saved_search')
          .where('tenant', '=', tenant)
          .where('id', '=', search.id)
          .executeTakeFirst();
        if (numDeletedRows > 0n) await alongside?.(search)(tx);
      });
    },
    async list(tenant, page) {
      const { after, limit } = parsePage(page);
      const rows = select(tenant).where('id', '>', after).orderBy('id').limit(limit);
      return (await rows.execute()).map(toSearch);
    },
  };
}

function toSearch(row: SearchRow): SavedSearch {
  const { id, tenant, name, filter, made_by: madeBy, created_ms: createdMs } = row;
  return { id, tenant, name, filter, madeBy, createdMs };
}
