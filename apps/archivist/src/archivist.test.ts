import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import { createArchiveClient } from '@countersign/archive';
import { confinementFlags, spawnConfined } from '@countersign/pipe';
import { readArguments } from './read-arguments.ts';
import { refuseUnconfined } from './refuse-unconfined.ts';

const root = mkdtempSync(join(tmpdir(), 'countersign-archivist-'));
const folder = join(root, 'archive');
const database = join(root, 'store.db');
const repository = join(import.meta.dirname, '../../..');
const script = join(import.meta.dirname, 'main.ts');
const args = ['--folder', folder, '--database', database, '--instance', 'tests'];
mkdirSync(folder);
after(() => rmSync(root, { recursive: true }));

/** The tables that it reads, empty. */
function makeDatabase(): void {
  const store = new DatabaseSync(database);
  store.exec(`PRAGMA journal_mode = WAL;
    CREATE TABLE event (sequence INTEGER PRIMARY KEY, uid TEXT, tenant TEXT, time_ms INTEGER,
      name TEXT, source TEXT, salt BLOB, ocsf TEXT);
    CREATE TABLE segment (tenant TEXT, segment INTEGER, through_sequence INTEGER);
    CREATE TABLE segment_file (tenant TEXT, first INTEGER, file TEXT);
    INSERT INTO event VALUES (1, 'u-1', 'acme', 5, 'token.issued', NULL, zeroblob(16), '{}')`);
  store.close();
}

async function exitOf(command: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'ignore', 'pipe'], env: {} });
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said: said.join('') };
}

describe('the archivist process', () => {
  it('does not run where it could talk to anybody but its parent', async () => {
    const free = await exitOf([script, ...args]);
    assert.equal(free.code, 1);
    assert.match(free.said, /only under node --permission/);
    const flags = confinementFlags(folder, [repository], 'allowed', {
      addons: true,
      network: true,
    });
    const networked = await exitOf([...flags, script, ...args]);
    assert.equal(networked.code, 1);
    assert.match(networked.said, /must not be allowed: net/);
    const all = { has: (scope: string) => scope === 'fs.write' };
    assert.throws(() => refuseUnconfined(all), /all files/);
    refuseUnconfined({ has: (scope) => scope === 'addon' });
  });

  it('says what is wrong with its command line', () => {
    assert.throws(() => readArguments(['--folder', 'x']), /--database/);
    for (const wrong of [
      ['--memory-mebibytes', '1'],
      ['--threads', '0'],
      ['--threads', 'many'],
    ])
      assert.throws(() => readArguments([...args, ...wrong]), /whole number/);
    assert.equal(readArguments(args).memoryMebibytes, 1024);
  });

  it('answers its parent, refuses what it does not know, and leaves with it', async () => {
    makeDatabase();
    const confined = spawnConfined({
      ...{ name: 'archivist', script, args, folder, readPaths: [repository] },
      opens: { addons: true },
      // A busy machine starts it slowly; no test is about that.
      timeoutMs: 60_000,
      onLogLine: () => undefined,
    });
    const client = createArchiveClient(confined.client);
    assert.equal((await client.follow(1)).sequence, 1);
    const { heads } = await client.followed();
    assert.deepEqual(
      heads.map(({ tenant, count }) => [tenant, count]),
      [['acme', 1]],
    );
    const found = await client.findByUid('acme', 'u-1');
    assert.equal(found?.number, 1);
    for (const body of ['{"tenant":"acme","from":0,"limit":1}', '{"tenant":"acme"}', '{'])
      await assert.rejects(confined.client.request(9, Buffer.from(body)));
    const outside = { tenant: 'acme', files: ['../secrets/operator-token'] };
    await assert.rejects(client.rewrite(outside), { code: 'archive_malformed' });
    await assert.rejects(confined.client.request(99, Buffer.from('{}')), {
      code: 'archive_malformed',
    });
    await confined.stop();
    assert.equal(confined.child.exitCode, 0);
    await assert.rejects(client.followed(), { code: 'archive_unavailable' });
  });
});
