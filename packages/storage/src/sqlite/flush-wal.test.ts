import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { CommitGroups } from './commit-groups.ts';
import { SqliteConnection } from './connection.ts';
import { openConnections } from './open-connections.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-flush-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const limits = {
  mostJobsPerGroup: 512,
  longestGroupMs: 20,
  mostQueuedJobs: 10_000,
  longestJobMs: 5000,
  largestDatabaseBytes: 2 ** 30,
  longestLockWaitMs: 2000,
};
const insert = (n: number) => ({ sql: 'INSERT INTO t VALUES (?)', parameters: [n] }) as never;

function groups(flush: () => Promise<void>) {
  const connection = new SqliteConnection(new DatabaseSync(':memory:'));
  connection.command('CREATE TABLE t (n INTEGER)');
  const fatal: unknown[] = [];
  const onFatal = (error: unknown) => void fatal.push(error);
  return { groups: new CommitGroups({ connection, limits, flush, onFatal }), fatal };
}

/** Long enough for what must not happen; what must is waited for with `until`. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 20));
const until = async (condition: () => boolean): Promise<void> => {
  for (let look = 0; look < 500 && !condition(); look += 1) await turn();
  assert.ok(condition(), 'waited 10 s in vain');
};

test('nobody is told before the flush of their commit has ended', async () => {
  const flushes: (() => void)[] = [];
  const { groups: store } = groups(() => new Promise((resolve) => flushes.push(resolve)));
  const told: number[] = [];
  void store.write([insert(1)]).then(() => told.push(1));
  await until(() => flushes.length === 1);
  void store.write([insert(2)]).then(() => told.push(2));
  void store.write([insert(3)]).then(() => told.push(3));
  await turn();
  assert.deepEqual(told, []);
  flushes[0]?.();
  await until(() => flushes.length === 2);
  await turn();
  assert.deepEqual(told, [1], 'the flush that began before a commit says nothing about it');
  flushes[1]?.();
  await until(() => told.length === 3);
  assert.equal(flushes.length, 2, 'what came meanwhile shared one flush');
});

test('after a failed flush nothing is acknowledged any more, and the process is told to end', async () => {
  const { groups: store, fatal } = groups(async () => {
    throw new Error('EIO');
  });
  const first = store.write([insert(1)]);
  const second = turn().then(() => store.write([insert(2)]));
  await assert.rejects(first, { code: 'storage_failed' });
  await assert.rejects(second, { code: 'storage_failed' });
  assert.equal(fatal.length, 1);
});

test('the log keeps its file through checkpoints and restarts of the log', async () => {
  const path = join(folder, 'inode.db');
  const { writer, flush, close } = openConnections(path, limits);
  const before = statSync(`${path}-wal`).ino;
  writer.command('CREATE TABLE t (n TEXT)');
  for (let n = 0; n < 300; n += 1) {
    writer.run('INSERT INTO t VALUES (?)', ['x'.repeat(50_000)]);
    if (n % 50 === 0) writer.run('PRAGMA wal_checkpoint(TRUNCATE)', []);
    await flush();
  }
  assert.equal(statSync(`${path}-wal`).ino, before);
  close();
});

test('each acknowledged write was preceded by a flush of the log file', () => {
  const path = join(folder, 'counted.db');
  const script = `
    import fs, { readlinkSync } from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const flush = fs.fdatasync;
    const flushed = [];
    fs.fdatasync = (fd, done) => { flushed.push(readlinkSync('/proc/self/fd/' + fd)); flush(fd, done); };
    syncBuiltinESMExports();
    const { openStore } = await import(${JSON.stringify(join(import.meta.dirname, '../index.ts'))});
    const clock = { nowMs: () => 0 };
    const store = await openStore({ path: ${JSON.stringify(path)}, migrations: [], clock });
    flushed.length = 0;
    for (let n = 0; n < 5; n += 1) {
      await store.write([{ sql: 'CREATE TABLE t' + n + ' (n INTEGER)', parameters: [] }]);
      console.log(flushed.join());
      flushed.length = 0;
    }
    await store.close();`;
  const args = ['--input-type=module', '-e', script];
  const lines = execFileSync(process.execPath, args, { encoding: 'utf8' }).trim().split('\n');
  assert.deepEqual(lines, Array(5).fill(`${path}-wal`));
});
