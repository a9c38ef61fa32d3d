// Disks that cannot be read or written for a while, and rows that never can be.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Store } from '@countersign/storage';
import type { KyselyPlugin } from 'kysely';
import type { MemoryTables } from '../tables.ts';
import { actOf, open, REALM, withStore } from '../testing/open-memory.ts';
import { FoldInOrder } from './fold-in-order.ts';

test('an act whose row cannot be read is left out, told, and stops no start', async () => {
  await withStore(async (store, clock) => {
    const first = await open(store, clock);
    for (const id of ['a1', 'a2', 'a3']) await first.write([actOf(id, 'ana', clock.nowMs())]);
    await store.transaction((tx) =>
      tx.updateTable('risk_act').set({ body: '{' }).where('id', 'in', ['a1', 'a3']).execute(),
    );
    const told: string[] = [];
    const again = await open(store, clock, {}, (what) => told.push(what));
    assert.deepEqual((await again.open(REALM)).infrastructure.ids, ['a2']);
    assert.deepEqual(new Set(told), new Set(['an act could not be read and is left out']));
    assert.deepEqual(
      (await again.acts.list({ realm: REALM })).map(({ id }) => id),
      ['a2'],
    );
    assert.equal(await again.acts.find('a1'), undefined);
    // Its number is not given to another.
    await again.write([actOf('a4', 'ana', clock.nowMs())]);
    assert.deepEqual((await again.open(REALM)).infrastructure.ids, ['a2', 'a4']);
  });
});

test('an act whose profile cannot be read for a while is folded later, and those behind it; none is lost', async () => {
  const done: string[] = [];
  const told: unknown[] = [];
  let broken = true;
  const folder = new FoldInOrder(
    0,
    async ({ id }) => {
      if (broken) throw new Error('the disk does not answer');
      done.push(id);
    },
    (error) => told.push(error),
  );
  const settle = (id: string) => {
    const sequence = folder.next();
    return folder.settle(sequence, { ...actOf(id, 'ana', 0), sequence });
  };
  const one = settle('a1');
  const behind = assert.rejects(folder.caughtUp(), /does not answer/);
  // It is on record: nobody waits for a disk that may not answer in this life, or closing would hang.
  await Promise.all([one, behind]);
  // A pause does not wait for it: what was folded before can be written.
  (await folder.pause())();
  assert.equal(folder.folded, 0);
  assert.ok(told.length > 0);
  broken = false;
  await settle('a2');
  await folder.caughtUp();
  assert.deepEqual(done, ['a1', 'a2']);
});

test('a memory that cannot be read takes so many acts and no more, and closes; the next life has them all', async () => {
  await withStore(async (store, clock) => {
    let broken = false;
    const plugin: KyselyPlugin = {
      transformQuery: ({ node }) => {
        if (broken) throw new Error('the disk does not answer');
        return node;
      },
      transformResult: async ({ result }) => result,
    };
    const unreadable = { ...store, read: store.read.withPlugin(plugin) };
    const memory = await open(unreadable, clock, { mostUnfoldedActs: 3 });
    broken = true;
    const ids = ['a1', 'a2', 'a3'];
    for (const id of ids) await memory.write([actOf(id, 'ana', clock.nowMs())]);
    const more = memory.write([actOf('a4', 'ana', clock.nowMs())]);
    await assert.rejects(more, { code: 'memory_behind' });
    await memory.close();
    const again = await open(store, clock);
    assert.deepEqual((await again.open(REALM)).infrastructure.ids, ids);
  });
});

test('a memory that cannot be written is not tried again at every act', async () => {
  await withStore(async (store, clock) => {
    let isFull = false;
    let tried = 0;
    const filling: Store<MemoryTables> = {
      ...{ read: store.read, write: (queries) => store.write(queries) },
      close: async () => {},
      transaction: (job) =>
        store.transaction(async (tx) => {
          const result = await job(tx);
          const [cursor] = await tx.selectFrom('risk_cursor').selectAll().execute();
          if (!isFull || (cursor?.sequence ?? 0) === 0) return result;
          tried += 1;
          throw new Error('the disk is full');
        }),
    };
    const limits = { mostUnkeptActs: 2, longestUnkeptMs: 3_600_000 };
    const memory = await open(filling, clock, limits);
    isFull = true;
    for (let count = 0; count < 20; count++) {
      await memory.write([actOf(`a${count}`, 'ana', clock.nowMs())]);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assert.equal(tried, 1);
    isFull = false;
    await memory.flush();
    const again = await open(store, clock);
    assert.equal((await again.open(REALM, 'ana')).profile.depth, 20);
    await memory.close();
  });
});
