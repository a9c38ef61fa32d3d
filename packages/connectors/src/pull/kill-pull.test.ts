import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { LogStandIn } from './testing/log-stand-in.ts';
import { graphService } from './testing/services.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-kill-pull-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const RECORDS = 60;
const script = join(import.meta.dirname, 'testing/pull-child.ts');

test('a server that is killed in the middle of pulling loses nothing and goes on at its checkpoint', async () => {
  const standIn = await LogStandIn.open();
  const service = graphService(() => standIn.base, '/v1.0/auditLogs/directoryAudits', 5);
  let child: ChildProcess | undefined;
  let killAt = 0;
  standIn.add((asked) => {
    if (standIn.asked.length === killAt) child?.kill('SIGKILL');
    return service.route(asked);
  });
  const nowMs = Date.now();
  for (let at = 0; at < RECORDS; at += 1) {
    service.records.push({ record: { id: `r${at}` }, timeMs: nowMs - 60_000 - at * 1000 });
  }
  const secret = { tenantId: 'harbour', clientId: 'app', clientSecret: 'right' };
  writeFileSync(join(folder, 'log'), JSON.stringify(secret));
  const database = join(folder, 'pull.db');
  const live = async (pagesUntilDeath: number): Promise<[number | null, string | null]> => {
    const args = [script, database, folder, standIn.base, String(pagesUntilDeath)];
    child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    return (await once(child, 'exit')) as [number | null, string | null];
  };
  // Once between what it recorded and its checkpoint, once while it asks, then to the end.
  assert.equal((await live(10))[1], 'SIGKILL');
  killAt = standIn.asked.length + 3;
  assert.equal((await live(0))[1], 'SIGKILL');
  const asked = standIn.asked.length;
  assert.deepEqual(await live(0), [0, null]);
  await standIn.close();
  const db = new DatabaseSync(database);
  const rows = db.prepare('SELECT times FROM pulled').all();
  db.close();
  assert.equal(rows.length, RECORDS);
  const twice = rows.filter(({ times }) => Number(times) > 1).length;
  assert.ok(twice >= 1 && twice <= 5, `one page came twice, not ${twice} records`);
  assert.ok(standIn.asked.length - asked < 12, 'it did not begin again');
});
