// Pages of acts: whole where a row cannot be read, in order over the realms of a tenant, and read by an
// index that has them in order, however many there are.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Store } from '@countersign/storage';
import { CompiledQuery, type KyselyPlugin } from 'kysely';
import type { MemoryTables } from '../tables.ts';
import { actOf, open, withStore } from '../testing/open-memory.ts';
import { type ActQuery, openActBook } from './act-book.ts';

const REALMS = ['acme/workforce', 'acme/customer', 'acme2/customer', 'umbrella/customer'] as const;

/** What the database says about how it finds the rows of everything that is asked. */
function planned({ read }: Store<MemoryTables>) {
  const plans: Promise<string>[] = [];
  const plugin: KyselyPlugin = {
    transformQuery: ({ node, queryId }) => {
      const { sql, parameters } = read.getExecutor().compileQuery(node, queryId);
      const explained = CompiledQuery.raw(`EXPLAIN QUERY PLAN ${sql}`, [...parameters]);
      const details = read.executeQuery<{ detail: string }>(explained);
      plans.push(details.then(({ rows }) => rows.map(({ detail }) => detail).join('; ')));
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  return { store: { read: read.withPlugin(plugin) }, plans };
}

test('acts of a tenant are listed the newest first, page by page, and nobody else\u2019s', async () => {
  await withStore(async (store, clock) => {
    const memory = await open(store, clock);
    for (let number = 0; number < 40; number++) {
      const realm = REALMS[number % REALMS.length]!;
      await memory.write([actOf(`a${number}`, 'ana', clock.nowMs() + number, { realm })]);
    }
    const ids: string[] = [];
    let before: number | undefined;
    for (let full = true; full; ) {
      const query: ActQuery = { tenant: 'acme', limit: 7 };
      const page = await memory.acts.list(before === undefined ? query : { ...query, before });
      ids.push(...page.map(({ id }) => id));
      before = page.at(-1)?.sequence;
      full = page.length === 7;
    }
    const own = Array.from({ length: 40 }, (_, number) => number).filter((one) => one % 4 < 2);
    assert.deepEqual(
      ids,
      own.reverse().map((number) => `a${number}`),
    );
    assert.deepEqual(await memory.acts.list({ tenant: 'acme', realm: 'umbrella/customer' }), []);
  });
});

test('a row that cannot be read does not end a list: the page is filled with those behind it', async () => {
  await withStore(async (store, clock) => {
    const memory = await open(store, clock);
    for (let number = 0; number < 9; number++) {
      await memory.write([actOf(`a${number}`, 'ana', clock.nowMs())]);
    }
    await store.transaction((tx) =>
      tx.updateTable('risk_act').set({ body: '{' }).where('id', 'in', ['a6', 'a7']).execute(),
    );
    const page = await memory.acts.list({ tenant: 'acme', limit: 4 });
    assert.deepEqual(
      page.map(({ id }) => id),
      ['a8', 'a5', 'a4', 'a3'],
    );
    assert.equal((await memory.acts.list({ tenant: 'acme', limit: 8 })).length, 7);
  });
});

test('no list reads all acts of a tenant to sort them: an index has them in order', async () => {
  await withStore(async (store) => {
    const { store: asked, plans } = planned(store);
    const book = openActBook({ store: asked });
    const realm = REALMS[0];
    const queries: ActQuery[] = [
      ...[{}, { tenant: 'acme' }, { realm }, { tenant: 'acme', realm }],
      ...[
        { tenant: 'acme', sinceMs: 5, before: 9 },
        { tenant: 'acme', score: 50 },
      ],
      ...[{ tenant: 'acme', subject: 'ana' }, { realm, subject: 'ana' }, { session: 's' }],
    ];
    for (const query of queries) await book.list(query);
    for (const plan of await Promise.all(plans)) assert.doesNotMatch(plan, /TEMP B-TREE/);
    assert.ok(plans.length >= queries.length);
  });
});
