import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@countersign/vocabulary';
import { addNote, type NotesTables, notesMigration } from '../conformance/notes.ts';
import { openStore, type Store, type StoreLimits } from '../index.ts';

async function withStore(
  limits: Partial<StoreLimits>,
  body: (store: Store<NotesTables>) => Promise<void>,
): Promise<void> {
  const migrations = [notesMigration];
  const store = await openStore<NotesTables>({
    memory: true,
    migrations,
    clock: systemClock,
    limits,
  });
  try {
    await body(store);
  } finally {
    await store.close();
  }
}

/** Asks for `count` jobs at once; says how many had run when the first was acknowledged. */
async function countRunAtFirstCommit(
  store: Store<NotesTables>,
  count: number,
  job: () => Promise<unknown>,
): Promise<number> {
  let run = 0;
  const asked = Array.from({ length: count }, (_, n) =>
    store.transaction(async (tx) => {
      run += 1;
      await addNote(tx, `n${n}`);
      await job();
    }),
  );
  await asked[0];
  const runAtFirst = run;
  await Promise.all(asked);
  assert.equal(run, count);
  return runAtFirst;
}

test('jobs asked for together share one COMMIT', () =>
  withStore({ longestGroupMs: 60_000 }, async (store) => {
    assert.equal(await countRunAtFirstCommit(store, 100, async () => {}), 100);
  }));

test('a group takes no more jobs than its limit', () =>
  withStore({ mostJobsPerGroup: 10, longestGroupMs: 60_000 }, async (store) => {
    assert.equal(await countRunAtFirstCommit(store, 35, async () => {}), 10);
  }));

test('slow jobs make their group smaller, so that the first need not wait for all', () =>
  withStore({ longestGroupMs: 5 }, async (store) => {
    const runAtFirst = await countRunAtFirstCommit(store, 20, () => sleep(2));
    assert.ok(runAtFirst < 20, `${runAtFirst} jobs ran before the first was acknowledged`);
  }));

test('between groups everybody else gets a turn', () =>
  withStore({ mostJobsPerGroup: 1 }, async (store) => {
    let turns = 0;
    let working = true;
    const count = (): void => {
      turns += 1;
      if (working) setImmediate(count);
    };
    count();
    await countRunAtFirstCommit(store, 20, async () => {});
    working = false;
    assert.ok(turns >= 20, `${turns} turns while 20 groups were committed`);
  }));
