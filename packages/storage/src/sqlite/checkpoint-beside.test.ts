import assert from 'node:assert/strict';
import { mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemClock } from '@countersign/vocabulary';
import { addNote, type NotesTables, notesMigration, readTexts } from '../conformance/notes.ts';
import { openStore } from '../index.ts';
import { Checkpointer } from './checkpoint-beside.ts';
import { openConnections } from './open-connections.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-checkpoint-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const limits = {
  mostJobsPerGroup: 512,
  longestGroupMs: 20,
  mostQueuedJobs: 10_000,
  longestJobMs: 5000,
  largestDatabaseBytes: 2 ** 30,
  longestLockWaitMs: 2000,
};
const page = 'x'.repeat(100_000);

test('a log that grew is copied by another thread, and starts anew when it is long', async () => {
  const path = join(folder, 'grown.db');
  const { writer, close } = openConnections(path, limits);
  const checkpointer = new Checkpointer({
    path,
    writer,
    walDescriptor: openSync(`${path}-wal`, 'r'),
    copyBytes: 1_000_000,
    restartBytes: 4_000_000,
  });
  writer.command('CREATE TABLE t (n TEXT)');
  let longest = 0;
  for (let n = 0; n < 400; n += 1) {
    writer.run('INSERT INTO t VALUES (?)', [page]);
    const { size } = statSync(`${path}-wal`);
    longest = Math.max(longest, size);
    // However late the other thread is: it is given its turn before the log is too long.
    for (const dueMs = performance.now() + 60_000; ; ) {
      checkpointer.look();
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (statSync(`${path}-wal`).size < 8_000_000) break;
      assert.ok(performance.now() < dueMs, 'the log is not started anew');
    }
  }
  const written = 400 * page.length;
  assert.ok(longest < written / 2, `the log grew to ${longest} of ${written} bytes`);
  assert.ok(statSync(path).size > written / 2, 'the pages are in the database');
  await checkpointer.close();
  await close();
});

test('a store that is closed and opened again holds all that was acknowledged', async () => {
  const path = join(folder, 'again.db');
  const options = { path, migrations: [notesMigration], clock: systemClock };
  const store = await openStore<NotesTables>(options);
  const texts = Array.from({ length: 300 }, (_, n) => `${n}-${page}`);
  await Promise.all(texts.map((text) => store.transaction((tx) => addNote(tx, text))));
  await store.close();
  const again = await openStore<NotesTables>(options);
  assert.deepEqual((await readTexts(again)).sort(), texts.sort());
  await again.close();
});
