// What the cheap road for ready-made queries promises.

import assert from 'node:assert/strict';
import { bindQuery, type Store } from '../store.ts';
import { addNote, type ConformanceCase, type NotesTables, readTexts, refusal } from './notes.ts';

const prepared = (store: Store<NotesTables>) => {
  const query = store.read
    .insertInto('note')
    .values({ writer: 'w', text: '', amount: 0 })
    .compile();
  return (text: string, amount: number) => bindQuery(query, ['w', text, amount]);
};

export const readyQueryCases: ConformanceCase[] = [
  {
    name: 'ready-made queries are written all or nothing',
    run: async (store) => {
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
    },
  },
  {
    name: 'ready-made queries give back the rows they ask for',
    run: async (store) => {
      const query = store.read
        .insertInto('note')
        .values({ writer: 'w', text: 'x', amount: 7 })
        .returning(['text', 'amount'])
        .compile();
      const [outcome] = await store.write([query]);
      assert.deepEqual(outcome?.rows, [{ text: 'x', amount: 7 }]);
    },
  },
  {
    name: 'ready-made queries and transactions keep the order in which they were asked',
    run: async (store) => {
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
    },
  },
];
