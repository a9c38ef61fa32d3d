import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { isCodedError, systemClock } from '@countersign/vocabulary';
import { sql } from 'kysely';
import {
  addNote,
  type NotesTables,
  notesMigration,
  readTexts,
  refusal,
} from '../conformance/notes.ts';
import { openStore, type Store, type StoreLimits } from '../index.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function open(name: string, limits: Partial<StoreLimits> = {}): Promise<Store<NotesTables>> {
  const path = join(folder, name);
  return openStore<NotesTables>({ path, migrations: [notesMigration], clock: systemClock, limits });
}

test('a full store refuses with storage_full, keeps what it had, and recovers by itself', async () => {
  const store = await open('full.db', { largestDatabaseBytes: 64 * 4096 });
  const kept: string[] = [];
  let full: unknown;
  while (full === undefined) {
    const text = `${kept.length}-${'x'.repeat(4000)}`;
    await store
      .transaction((tx) => addNote(tx, text))
      .then(
        () => kept.push(text),
        (error: unknown) => {
          full = error;
        },
      );
  }
  assert.ok(refusal('storage_full')(full));
  assert.ok(isCodedError(full) && full.retryAfterSeconds === 30);
  assert.deepEqual(await readTexts(store), kept);
  await store.transaction((tx) => tx.deleteFrom('note').execute());
  await store.transaction((tx) => addNote(tx, 'again'));
  assert.deepEqual(await readTexts(store), ['again']);
  await store.close();
});

test('another process that holds the file makes writes busy, and they work once it lets go', async () => {
  const store = await open('held.db', { longestLockWaitMs: 20 });
  const holder = new DatabaseSync(join(folder, 'held.db'));
  holder.exec('BEGIN IMMEDIATE');
  const results = await Promise.allSettled([
    store.transaction((tx) => addNote(tx, 'one')),
    store.transaction((tx) => addNote(tx, 'two')),
  ]);
  for (const result of results) {
    assert.ok(result.status === 'rejected' && refusal('storage_busy')(result.reason));
  }
  assert.deepEqual(await readTexts(store), []);
  holder.exec('ROLLBACK');
  holder.close();
  await store.transaction((tx) => addNote(tx, 'three'));
  assert.deepEqual(await readTexts(store), ['three']);
  await store.close();
});

test('the log is written at every COMMIT and the files are readable by their owner only', async () => {
  const store = await open('mode.db');
  const settings = await store.transaction(async (tx) => ({
    ...((await sql`PRAGMA synchronous`.execute(tx)).rows[0] as object),
    ...((await sql`PRAGMA journal_mode`.execute(tx)).rows[0] as object),
    ...((await sql`PRAGMA foreign_keys`.execute(tx)).rows[0] as object),
  }));
  assert.deepEqual(settings, { synchronous: 1, journal_mode: 'wal', foreign_keys: 1 });
  for (const ending of ['', '-wal', '-shm']) {
    assert.equal(statSync(join(folder, `mode.db${ending}`)).mode & 0o777, 0o600);
  }
  await store.close();
});

test('a file that is no database, or a place that cannot hold one, is storage_failed', async () => {
  writeFileSync(join(folder, 'letter.txt'), 'Dear reader, '.repeat(1000));
  await assert.rejects(open('letter.txt'), refusal('storage_failed'));
  await assert.rejects(open('letter.txt/store.db'), refusal('storage_failed'));
});
