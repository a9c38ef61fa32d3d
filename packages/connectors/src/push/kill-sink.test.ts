import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SinkStandIn } from './testing/sink-stand-in.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-kill-sink-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const EVENTS = 1000;
const script = join(import.meta.dirname, 'testing/push-child.ts');

test('a server that is killed in the middle of delivering loses nothing and goes on behind what was taken', async () => {
  const sink = await SinkStandIn.open();
  const taken = new Map<number, number>();
  const done = Promise.withResolvers<void>();
  let child: ChildProcess | undefined;
  let requests = 0;
  sink.always = ({ body }) => {
    requests += 1;
    const numbers = (JSON.parse(body.toString()).data as { n: number }[]).map(({ n }) => n);
    // Killed before the batch counts, and killed after it counts but before the other side can know.
    if (requests === 4) {
      child?.kill('SIGKILL');
      return 'hang';
    }
    for (const n of numbers) taken.set(n, (taken.get(n) ?? 0) + 1);
    if (requests === 9 || requests === 14) {
      child?.kill('SIGKILL');
      return 'hang';
    }
    if (taken.size === EVENTS) done.resolve();
    return { status: 200 };
  };
  const start = () =>
    spawn(process.execPath, [script, join(folder, 'sink.db'), sink.url, String(EVENTS)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  for (let life = 0; life < 3; life += 1) {
    child = start();
    await once(child, 'exit');
  }
  child = start();
  await done.promise;
  child.kill('SIGKILL');
  await once(child, 'exit');
  sink.close();
  const missing = Array.from({ length: EVENTS }, (_, n) => n + 1).filter((n) => !taken.has(n));
  assert.deepEqual(missing, []);
  // Only the two batches whose answer nobody got came twice.
  const twice = [...taken.values()].filter((times) => times > 1).length;
  assert.equal(twice, 100);
});
