// What a store refuses, with which code, and what survives the refusal.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { isCodedError } from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import { addNote, type ConformanceCase, type NotesTables, readTexts, refusal } from './notes.ts';

export const refusalCases: ConformanceCase[] = [
  {
    name: 'a second row with a unique value is refused as storage_conflict',
    run: async (store) => {
      await store.transaction((tx) => addNote(tx, 'one'));
      const again = store.transaction((tx) => addNote(tx, 'one'));
      await assert.rejects(again, refusal('storage_conflict'));
    },
  },
  {
    name: 'a job that swallows the failure of a query is rolled back all the same',
    run: async (store) => {
      await store.transaction((tx) => addNote(tx, 'one'));
      const job = store.transaction(async (tx) => {
        await addNote(tx, 'two');
        await assert.rejects(addNote(tx, 'one'), refusal('storage_conflict'));
        await assert.rejects(addNote(tx, 'three'), refusal('transaction_failed'));
      });
      await assert.rejects(job, refusal('storage_conflict'));
      assert.deepEqual(await readTexts(store), ['one']);
    },
  },
  {
    name: 'a job that holds on too long is rolled back and those behind it go on',
    limits: { longestJobMs: 30 },
    run: async (store) => {
      const stuck = store.transaction(async (tx) => {
        await addNote(tx, 'stuck');
        await new Promise(() => {});
      });
      const behind = store.transaction((tx) => addNote(tx, 'behind'));
      await assert.rejects(stuck, refusal('transaction_stuck'));
      await behind;
      assert.deepEqual(await readTexts(store), ['behind']);
    },
  },
  {
    name: 'a query through a transaction that has ended is refused and changes nothing',
    run: async (store) => {
      let leaked: Kysely<NotesTables> | undefined;
      await store.transaction(async (tx) => {
        leaked = tx;
      });
      assert.ok(leaked);
      await assert.rejects(addNote(leaked, 'late'), refusal('transaction_over'));
      assert.deepEqual(await readTexts(store), []);
    },
  },
  {
    name: 'a transaction inside a transaction is refused at once instead of waiting for itself',
    run: async (store) => {
      const outer = store.transaction(async () => {
        await store.transaction(async () => {});
      });
      await assert.rejects(outer, refusal('transaction_nested'));
    },
  },
  {
    name: 'work started by a job may ask for a transaction once the job has ended',
    run: async (store) => {
      let later: Promise<unknown> = Promise.resolve();
      await store.transaction(async () => {
        later = sleep(5).then(() => store.transaction((tx) => addNote(tx, 'later')));
      });
      await later;
      assert.deepEqual(await readTexts(store), ['later']);
    },
  },
  {
    name: 'the reading side refuses writes and transactions',
    run: async (store) => {
      await assert.rejects(addNote(store.read, 'sneaked in'), refusal('storage_read_only'));
      const begun = store.read.transaction().execute(async () => {});
      await assert.rejects(begun, refusal('storage_read_only'));
    },
  },
  {
    name: 'when too many jobs wait, the next is refused as busy and the others are kept',
    limits: { mostQueuedJobs: 5 },
    run: async (store) => {
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
  },
  {
    name: 'close finishes what waits and refuses what comes after',
    run: async (store) => {
      const kept = Promise.all(
        Array.from({ length: 20 }, (_, n) => store.transaction((tx) => addNote(tx, `n${n}`))),
      );
      const closed = store.close();
      const late = store.transaction((tx) => addNote(tx, 'late'));
      await assert.rejects(late, refusal('storage_closed'));
      await Promise.all([kept, closed, store.close()]);
    },
  },
];
