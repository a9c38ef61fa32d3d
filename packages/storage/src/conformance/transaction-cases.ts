// What a transaction promises to its caller and to its neighbours.

import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { Store } from '../store.ts';
import { addNote, type ConformanceCase, type NotesTables, readTexts } from './notes.ts';

export const transactionCases: ConformanceCase[] = [
  {
    name: 'a transaction that resolved is readable at once',
    run: async (store) => {
      const result = await store.transaction(async (tx) => {
        await addNote(tx, 'kept');
        return 42;
      });
      assert.equal(result, 42);
      assert.deepEqual(await readTexts(store), ['kept']);
    },
  },
  {
    name: 'what is not committed is not readable outside, and readable inside',
    run: async (store) => {
      await store.transaction(async (tx) => {
        await addNote(tx, 'in work');
        assert.deepEqual(await readTexts(store), []);
        const own = await tx.selectFrom('note').select('text').execute();
        assert.deepEqual(own, [{ text: 'in work' }]);
      });
      assert.deepEqual(await readTexts(store), ['in work']);
    },
  },
  {
    name: 'a job that throws is rolled back alone and the caller gets its error',
    run: async (store) => {
      const wrong = new Error('wrong');
      const results = await Promise.allSettled([
        store.transaction((tx) => addNote(tx, 'before')),
        store.transaction(async (tx) => {
          await addNote(tx, 'undone');
          throw wrong;
        }),
        store.transaction((tx) => addNote(tx, 'after')),
      ]);
      assert.deepEqual(
        results.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled'],
      );
      assert.equal(results[1]?.status === 'rejected' && results[1].reason, wrong);
      assert.deepEqual(await readTexts(store), ['before', 'after']);
    },
  },
  {
    name: 'a job that throws before its first await is rolled back like any other',
    run: async (store) => {
      const job = (): Promise<void> => {
        throw new Error('at once');
      };
      await assert.rejects(store.transaction(job), /at once/);
      await store.transaction((tx) => addNote(tx, 'next'));
      assert.deepEqual(await readTexts(store), ['next']);
    },
  },
  {
    name: 'jobs run one after the other even when one awaits something foreign',
    run: async (store) => {
      const steps: string[] = [];
      const slow = store.transaction(async (tx) => {
        steps.push('slow in');
        await sleep(20);
        await addNote(tx, 'slow');
        steps.push('slow out');
      });
      const quick = store.transaction(async (tx) => {
        steps.push('quick');
        await addNote(tx, 'quick');
      });
      await Promise.all([slow, quick]);
      assert.deepEqual(steps, ['slow in', 'slow out', 'quick']);
      assert.deepEqual(await readTexts(store), ['slow', 'quick']);
    },
  },
  {
    name: 'a job sees the asynchronous context of its caller, also when it shares a group',
    run: async (store) => {
      const request = new AsyncLocalStorage<string>();
      const seen = (name: string): Promise<string | undefined> =>
        request.run(name, () => store.transaction(async () => request.getStore()));
      assert.deepEqual(await Promise.all([seen('one'), seen('two')]), ['one', 'two']);
    },
  },
  {
    name: 'read-modify-write in a transaction never loses an update',
    run: async (store) => {
      await store.transaction((tx) => addNote(tx, 'counter', 0));
      const addOne = (): Promise<void> =>
        store.transaction(async (tx) => {
          const { amount } = await tx
            .selectFrom('note')
            .select('amount')
            .where('text', '=', 'counter')
            .executeTakeFirstOrThrow();
          await tx
            .updateTable('note')
            .set({ amount: amount + 1 })
            .execute();
        });
      await Promise.all(Array.from({ length: 200 }, addOne));
      const row = await store.read.selectFrom('note').select('amount').executeTakeFirst();
      assert.equal(row?.amount, 200);
    },
  },
  {
    name: 'of many that consume one row conditionally, exactly one sees it change',
    run: async (store) => {
      await store.transaction((tx) => addNote(tx, 'code', 0));
      const consume = async (): Promise<number> => {
        const result = await store.transaction((tx) =>
          tx.updateTable('note').set({ amount: 1 }).where('amount', '=', 0).executeTakeFirst(),
        );
        return Number(result.numUpdatedRows);
      };
      const changes = await Promise.all(Array.from({ length: 64 }, consume));
      assert.equal(changes.filter((count) => count === 1).length, 1);
      assert.equal(changes.filter((count) => count === 0).length, 63);
    },
  },
  {
    name: 'for any mix of good and failing jobs, exactly the acknowledged rows exist, in order',
    run: async (store) => {
      let round = 0;
      const plan = fc.array(fc.constantFrom('good', 'throws', 'conflicts', 'waits'), {
        maxLength: 40,
      });
      await fc.assert(
        fc.asyncProperty(plan, async (kinds) => {
          round += 1;
          await store.transaction(async (tx) => {
            await tx.deleteFrom('note').execute();
            await addNote(tx, 'taken');
          });
          const results = await Promise.allSettled(
            kinds.map((kind, index) => runKind(store, kind, `${round}-${index}`)),
          );
          const acknowledged = results.flatMap((result) =>
            result.status === 'fulfilled' ? [result.value] : [],
          );
          assert.deepEqual(await readTexts(store), ['taken', ...acknowledged]);
          const good = kinds.filter((kind) => kind === 'good' || kind === 'waits');
          assert.equal(acknowledged.length, good.length);
        }),
        { numRuns: 30 },
      );
    },
  },
];

async function runKind(store: Store<NotesTables>, kind: string, text: string): Promise<string> {
  await store.transaction(async (tx) => {
    await addNote(tx, text);
    if (kind === 'throws') throw new Error('thrown');
    if (kind === 'conflicts') await addNote(tx, 'taken');
    if (kind === 'waits') await sleep(0);
  });
  return text;
}
