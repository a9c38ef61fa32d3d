// The process itself: what it says when its house ends, with a word and without one, and that nothing
// else ends it.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const MAIN = join(import.meta.dirname, 'main.ts');
const CREDENTIAL = 'the-credential-of-the-watchdog';

let folder: string;
let server: Server;
let child: ChildProcess | undefined;
let credentials: Set<string | undefined>;
let isAnswering: boolean;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-watchdog-'));
  credentials = new Set();
  isAnswering = true;
  server = createServer((request, response) => {
    credentials.add(request.headers.authorization);
    const atMs = Date.now();
    const rotator = { lastTickMs: atMs, nextTickMs: atMs + 1000 };
    if (isAnswering) response.end(JSON.stringify({ atMs, rotator, keys: [] }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  child?.kill('SIGKILL');
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<ChildProcess> {
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // As the server starts it: it may not even ask for what is written to be on disk (fsync).
  const confined = ['--permission', '--allow-net', '--allow-fs-read=*'];
  const args = [...confined, `--allow-fs-write=${folder}`, MAIN];
  child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'inherit'], env: {} });
  const plan = {
    ...{ folder, house: 'https://id.example', base, viewUrl: `${base}/view`, logs: [] },
    ...{ credential: CREDENTIAL, everyMs: 200 },
  };
  child.stdin?.write(`${JSON.stringify(plan)}\n`);
  while (!existsSync(join(folder, 'memory.json'))) await sleep(20);
  return child;
}

const alarms = (): string[] => {
  const file = join(folder, 'alarms.ndjson');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => {
    const { code, phase } = JSON.parse(line) as { code: string; phase: string };
    return `${code} ${phase}`;
  });
};

describe('the process of a watchdog', () => {
  it('says nothing when its house ends in good order', async () => {
    const started = await start();
    started.stdin?.end('end\n');
    const [code] = await once(started, 'exit');
    assert.equal(code, 0);
    assert.deepEqual(alarms(), []);
    assert.deepEqual([...credentials], [`Bearer ${CREDENTIAL}`]);
  });

  it('C-02 says that the server is gone when it ends without a word, and ends', async () => {
    const started = await start();
    started.stdin?.end();
    const [code] = await once(started, 'exit');
    assert.equal(code, 0);
    assert.deepEqual(alarms(), ['server_gone raised']);
  });

  it('C-02 alarms while the server stands still, and does not wait for it', async () => {
    const started = await start();
    isAnswering = false;
    while (alarms().length === 0) await sleep(50);
    assert.deepEqual(alarms(), ['server_silent raised']);
    isAnswering = true;
    while (alarms().length === 1) await sleep(50);
    assert.deepEqual(alarms(), ['server_silent raised', 'server_silent ended']);
    assert.equal(started.exitCode, null);
  });

  it('is ended by no signal that could be sent to its house', async () => {
    const started = await start();
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) started.kill(signal);
    await sleep(500);
    assert.equal(started.exitCode, null);
    assert.equal(started.signalCode, null);
  });

  it('ends with 1 and a reason when it is not told what to watch', async () => {
    child = spawn(process.execPath, [MAIN], { stdio: ['pipe', 'ignore', 'pipe'], env: {} });
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.stdin?.end('{"folder":7}\n');
    const [code] = await once(child, 'exit');
    assert.equal(code, 1);
    assert.match(said, /was not told what to watch/);
  });
});
