// A witness as its operator runs it: in a process, told to stop, started again.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseTlogPolicy, parseVerifierKey, verifyNote } from '@countersign/verifier';
import { runCli } from '../testing/run-cli.ts';
import { type ServedLog, serveLog } from '../testing/serve-log.ts';

const LAUNCHER = join(import.meta.dirname, '../../bin/countersign.js');
const folder = mkdtempSync(join(tmpdir(), 'countersign-cli-'));
const children: ChildProcess[] = [];
let log: ServedLog;
before(async () => {
  log = await serveLog([Uint8Array.of(1), Uint8Array.of(2)]);
});
after(() => {
  for (const child of children) child.kill('SIGKILL');
  log.close();
  rmSync(folder, { recursive: true });
});

const args = (...more: string[]) => [
  ...['witness', '--folder', join(folder, 'w1'), '--listen', '127.0.0.1:0'],
  ...['--log', log.checkpointKey, '--json', ...more],
];

interface Running {
  child: ChildProcess;
  said: Record<string, unknown>;
}

async function start(...more: string[]): Promise<Running> {
  const child = spawn(process.execPath, [LAUNCHER, ...args(...more)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = (await once(child.stdout ?? assert.fail(), 'data')) as [Buffer];
  return { child, said: JSON.parse(String(line)) as Record<string, unknown> };
}

async function stop({ child }: Running): Promise<{ code: number; said: Record<string, unknown> }> {
  child.kill('SIGTERM');
  const [[line], [code]] = (await Promise.all([
    once(child.stdout ?? assert.fail(), 'data'),
    once(child, 'exit'),
  ])) as [[Buffer], [number]];
  return { code, said: JSON.parse(String(line)) as Record<string, unknown> };
}

describe('countersign witness', () => {
  it('cosigns, stops in good order, and remembers', { timeout: 60_000 }, async () => {
    const first = await start('--make', 'witness.example/w1');
    const { policy, listens, keys } = first.said as {
      policy: string;
      listens: string;
      keys: { ed25519: string; mldsa44: string };
    };
    const parsed = parseTlogPolicy(`${policy}\nquorum witness.example/w1\n`);
    assert.equal(parsed.witnesses.get('witness.example/w1')?.url, listens);
    const note = await (await fetch(`${log.url}/checkpoint`)).text();
    const answer = await fetch(`${listens}/add-checkpoint`, {
      method: 'POST',
      body: `old 0\n\n${note}`,
    });
    assert.equal(answer.status, 200);
    const witnessKeys = [keys.ed25519, keys.mldsa44].map(parseVerifierKey);
    const { verified } = await verifyNote(`${note}${await answer.text()}`, witnessKeys);
    assert.equal(verified.length, 2);
    const end = await stop(first);
    assert.deepEqual([end.code, end.said['ok'], end.said['stopped']], [0, true, true]);
    const again = await start();
    assert.deepEqual(again.said['keys'], keys);
    assert.deepEqual(again.said['logs'], [{ origin: log.origin, size: 2 }]);
    const locked = await runCli(args());
    assert.deepEqual([locked.exitCode, locked.json()['ok']], [2, false]);
    assert.match(locked.out, /folder_locked/);
    await stop(again);
  });

  it('refuses what is asked wrongly, with 2', async () => {
    writeFileSync(join(folder, 'short'), 'short\n');
    const base = ['witness', '--folder', join(folder, 'w2'), '--log', log.checkpointKey];
    const wrong = [
      ['--listen', '127.0.0.1:0'],
      ['--listen', '0.0.0.0:0', '--make', 'w.example'],
      ['--listen', 'witness.example:80', '--make', 'w.example'],
      ['--listen', '127.0.0.1', '--make', 'w.example'],
      ['--listen', '127.0.0.1:70000', '--make', 'w.example'],
      ['--listen', '127.0.0.1:0', '--make', 'two words'],
      ['--listen', '127.0.0.1:0', '--make', 'w.example', '--log', 'no key'],
      ['--listen', '127.0.0.1:0', '--make', 'w.example', '--passphrase-file', 'none'],
      ['--listen', '127.0.0.1:0', '--make', 'w.example', '--passphrase-file', 'short'],
    ];
    for (const more of wrong) {
      const { exitCode } = await runCli([...base, ...more], { workingFolder: folder });
      assert.equal(exitCode, 2, more.join(' '));
    }
    assert.equal((await runCli(['witness', '--listen', '127.0.0.1:0'])).exitCode, 2);
  });

  it('explains itself', async () => {
    const { exitCode, out } = await runCli(['witness', '--help']);
    assert.equal(exitCode, 0);
    assert.match(out, /--behind-proxy/);
  });
});
