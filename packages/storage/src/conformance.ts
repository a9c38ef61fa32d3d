// What every storage engine must do, as one suite: run it with a function that opens the engine.
// Not part of the room's door; only tests beside it import this file.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isCodedError } from '@countersign/vocabulary';
import fc from 'fast-check';
import type { Generated, Kysely } from 'kysely';
import { bindQuery, type Migration, type Store, type StoreLimits } from './store.ts';

export interface NotesTables {
  note: { id: Generated<number>; writer: string; text: string; amount: number };
}

export const notesMigration: Migration = {
  name: 'conformance-001-notes',
  async up(tx) {
    await tx.schema
      .createTable('note')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('writer', 'text', (column) => column.notNull())
      .addColumn('text', 'text', (column) => column.notNull().unique())
      .addColumn('amount', 'integer', (column) => column.notNull())
      .execute();
  },
};

export type OpenForConformance = (limits?: Partial<StoreLimits>) => Promise<Store<NotesTables>>;

export function refusal(code: string): (error: unknown) => boolean {
  return (error) => isCodedError(error) && error.code === code;
}

export function addNote(db: Kysely<NotesTables>, text: string, amount = 0): Promise<unknown> {
  return db.insertInto('note').values({ writer: 'w', text, amount }).execute();
}

export async function readTexts(store: Store<NotesTables>): Promise<string[]> {
  const rows = await store.read.selectFrom('note').select('text').orderBy('id').execute();
  return rows.map((row) => row.text);
}

export function describeConformance(engine: string, open: OpenForConformance): void {
  const withStore = async (
    body: (store: Store<NotesTables>) => Promise<void>,
    limits?: Partial<StoreLimits>,
  ): Promise<void> => {
    const store = await open(limits);
    try {
      await body(store);
    } finally {
      await store.close();
    }
  };
  describe(`${engine} keeps the promises of a store`, () => {
    describeTransactions(withStore);
    describeRefusals(withStore);
    describeReadyQueries(withStore);
  });
}

type WithStore = (
  body: (store: Store<NotesTables>) => Promise<void>,
  limits?: Partial<StoreLimits>,
) => Promise<void>;

function describeTransactions(withStore: WithStore): void {
  test('a transaction that resolved is readable at once', () =>
    withStore(async (store) => {
      const result = await store.transaction(async (tx) => {
        await addNote(tx, 'kept');
        return 42;
      });
      assert.equal(result, 42);
      assert.deepEqual(await readTexts(store), ['kept']);
    }));

  test('what is not committed is not readable outside, and readable inside', () =>
    withStore(async (store) => {
      await store.transaction(async (tx) => {
        await addNote(tx, 'in work');
        assert.deepEqual(await readTexts(store), []);
        const own = await tx.selectFrom('note').select('text').execute();
        assert.deepEqual(own, [{ text: 'in work' }]);
      });
      assert.deepEqual(await readTexts(store), ['in work']);
    }));

  test('a job that throws is rolled back alone and the caller gets its error', () =>
    withStore(async (store) => {
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
    }));

  test('a job that throws before its first await is rolled back like any other', () =>
    withStore(async (store) => {
      const job = (): Promise<void> => {
        throw new Error('at once');
      };
      await assert.rejects(store.transaction(job), /at once/);
      await store.transaction((tx) => addNote(tx, 'next'));
      assert.deepEqual(await readTexts(store), ['next']);
    }));

  test('jobs run one after the other even when one awaits something foreign', () =>
    withStore(async (store) => {
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
    }));

  test('read-modify-write in a transaction never loses an update', () =>
    withStore(async (store) => {
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
    }));

  test('of many that consume one row conditionally, exactly one sees it change', () =>
    withStore(async (store) => {
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
    }));

  test('for any mix of good and failing jobs, exactly the acknowledged rows exist, in order', () =>
    withStore(async (store) => {
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
    }));
}

async function runKind(store: Store<NotesTables>, kind: string, text: string): Promise<string> {
  await store.transaction(async (tx) => {
    await addNote(tx, text);
    if (kind === 'throws') throw new Error('thrown');
    if (kind === 'conflicts') await addNote(tx, 'taken');
    if (kind === 'waits') await sleep(0);
  });
  return text;
}

function describeRefusals(withStore: WithStore): void {
  test('a second row with a unique value is refused as storage_conflict', () =>
    withStore(async (store) => {
      await store.transaction((tx) => addNote(tx, 'one'));
      const again = store.transaction((tx) => addNote(tx, 'one'));
      await assert.rejects(again, refusal('storage_conflict'));
    }));

  test('a job that swallows the failure of a query is rolled back all the same', () =>
    withStore(async (store) => {
      await store.transaction((tx) => addNote(tx, 'one'));
      const job = store.transaction(async (tx) => {
        await addNote(tx, 'two');
        await assert.rejects(addNote(tx, 'one'), refusal('storage_conflict'));
        await assert.rejects(addNote(tx, 'three'), refusal('transaction_failed'));
      });
      await assert.rejects(job, refusal('storage_conflict'));
      assert.deepEqual(await readTexts(store), ['one']);
    }));

  test('a job that holds on too long is rolled back and those behind it go on', () =>
    withStore(
      async (store) => {
        const stuck = store.transaction(async (tx) => {
          await addNote(tx, 'stuck');
          await new Promise(() => {});
        });
        const behind = store.transaction((tx) => addNote(tx, 'behind'));
        await assert.rejects(stuck, refusal('transaction_stuck'));
        await behind;
        assert.deepEqual(await readTexts(store), ['behind']);
      },
      { longestJobMs: 30 },
    ));

  test('a query through a transaction that has ended is refused and changes nothing', () =>
    withStore(async (store) => {
      let leaked: Kysely<NotesTables> | undefined;
      await store.transaction(async (tx) => {
        leaked = tx;
      });
      assert.ok(leaked);
      await assert.rejects(addNote(leaked, 'late'), refusal('transaction_over'));
      assert.deepEqual(await readTexts(store), []);
    }));

  test('a transaction inside a transaction is refused at once instead of waiting for itself', () =>
    withStore(async (store) => {
      const outer = store.transaction(async () => {
        await store.transaction(async () => {});
      });
      await assert.rejects(outer, refusal('transaction_nested'));
    }));

  test('work started by a job may ask for a transaction once the job has ended', () =>
    withStore(async (store) => {
      let later: Promise<unknown> = Promise.resolve();
      await store.transaction(async () => {
        later = sleep(5).then(() => store.transaction((tx) => addNote(tx, 'later')));
      });
      await later;
      assert.deepEqual(await readTexts(store), ['later']);
    }));

  test('the reading side refuses writes and transactions', () =>
    withStore(async (store) => {
      await assert.rejects(addNote(store.read, 'sneaked in'), refusal('storage_read_only'));
      const begun = store.read.transaction().execute(async () => {});
      await assert.rejects(begun, refusal('storage_read_only'));
    }));

  test('when too many jobs wait, the next is refused as busy and the others are kept', () =>
    withStore(
      async (store) => {
        const results = await Promise.allSettled(
          Array.from({ length: 7 }, (_, n) => store.transaction((tx) => addNote(tx, `n${n}`))),
        );
        const refused = results.filter(({ status }) => status === 'rejected');
        assert.equal(refused.length, 2);
        for (const result of refused) {
          assert.ok(result.status === 'rejected' && refusal('storage_busy')(result.reason));
          assert.ok(isCodedError(result.reason) && result.reason.retryAfterSeconds === 1);
        }
        assert.equal((await readTexts(store)).length, 5);
      },
      { mostQueuedJobs: 5 },
    ));

  test('close finishes what waits and refuses what comes after', () =>
    withStore(async (store) => {
      const kept = Promise.all(
        Array.from({ length: 20 }, (_, n) => store.transaction((tx) => addNote(tx, `n${n}`))),
      );
      const closed = store.close();
      const late = store.transaction((tx) => addNote(tx, 'late'));
      await assert.rejects(late, refusal('storage_closed'));
      await Promise.all([kept, closed, store.close()]);
    }));
}

function describeReadyQueries(withStore: WithStore): void {
  const prepared = (store: Store<NotesTables>) => {
    const query = store.read
      .insertInto('note')
      .values({ writer: 'w', text: '', amount: 0 })
      .compile();
    return (text: string, amount: number) => bindQuery(query, ['w', text, amount]);
  };

  test('ready-made queries are written all or nothing', () =>
    withStore(async (store) => {
      const insert = prepared(store);
      const outcomes = await store.write([insert('a', 1), insert('b', 2)]);
      assert.deepEqual(
        outcomes.map(({ changes }) => changes),
        [1, 1],
      );
      const bad = store.write([insert('c', 3), insert('a', 4)]);
      await assert.rejects(bad, refusal('storage_conflict'));
      await assert.rejects(store.write([insert('b', 5)]), refusal('storage_conflict'));
      assert.deepEqual(await store.write([]), []);
      assert.deepEqual(await readTexts(store), ['a', 'b']);
    }));

  test('ready-made queries give back the rows they ask for', () =>
    withStore(async (store) => {
      const query = store.read
        .insertInto('note')
        .values({ writer: 'w', text: 'x', amount: 7 })
        .returning(['text', 'amount'])
        .compile();
      const [outcome] = await store.write([query]);
      assert.deepEqual(outcome?.rows, [{ text: 'x', amount: 7 }]);
    }));

  test('ready-made queries and transactions keep the order in which they were asked', () =>
    withStore(async (store) => {
      const insert = prepared(store);
      await Promise.all(
        Array.from({ length: 50 }, (_, n) =>
          n % 2 === 0
            ? store.write([insert(`n${n}`, n)])
            : store.transaction((tx) => addNote(tx, `n${n}`)),
        ),
      );
      const expected = Array.from({ length: 50 }, (_, n) => `n${n}`);
      assert.deepEqual(await readTexts(store), expected);
    }));
}
