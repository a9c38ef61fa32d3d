import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { LOCKED, spawnConfined } from './spawn-confined.ts';
import { superviseChild } from './supervise.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-pipe-'));
after(() => rmSync(folder, { recursive: true }));

const root = join(import.meta.dirname, '../../..');
const readPaths = [join(root, 'packages'), join(root, 'node_modules'), join(root, 'package.json')];
const script = join(import.meta.dirname, 'testing/probe-child.ts');
const start = (inheritFds: number[] = []) =>
  spawnConfined({
    ...{ name: 'probe', script, folder, readPaths, inheritFds, sqlite: 'denied' },
    // A busy machine starts it slowly; no test is about that.
    timeoutMs: 60_000,
  });
const waitUntil = async (condition: () => boolean): Promise<void> => {
  for (let turn = 0; turn < 2400 && !condition(); turn += 1)
    await new Promise((resolve) => setTimeout(resolve, 25));
  assert.ok(condition(), 'waited a minute in vain');
};

describe('a confined child', () => {
  it('can write its own folder and do nothing else', async () => {
    const confined = start();
    const { environment, writeInside, ...denied } = JSON.parse(
      Buffer.from(await confined.client.request(3, new Uint8Array())).toString(),
    ) as Record<string, string>;
    assert.equal(writeInside, 'allowed');
    assert.equal(environment, '');
    for (const [deed, outcome] of Object.entries(denied)) assert.notEqual(outcome, 'allowed', deed);
    assert.equal(denied.socket, 'ERR_ACCESS_DENIED');
    assert.equal(denied.spawn, 'ERR_ACCESS_DENIED');
    await confined.stop();
  });

  it('is locked by any flock(1): the one of BusyBox knows no waiting', async () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const busy = '#!/bin/sh\n[ "$1" = -n ] && exec /usr/bin/flock "$@"\necho usage >&2\nexit 1\n';
    writeFileSync(join(bin, 'flock'), busy);
    chmodSync(join(bin, 'flock'), 0o700);
    const lock = join(folder, 'lock');
    const tryLock = () =>
      spawnSync('/bin/sh', ['-c', `${LOCKED} && echo "held $1"`, 'sh', lock, 'probe', 'on'], {
        env: { PATH: `${bin}:/usr/bin:/bin` },
        encoding: 'utf8',
      });
    assert.equal(tryLock().stdout, 'held on\n');
    const holder = spawn('/bin/sh', ['-c', `${LOCKED} && echo held && exec cat`, 'sh', lock, 'x']);
    await once(holder.stdout, 'data');
    const refused = tryLock();
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /The probe did not start. log_locked/);
    holder.kill('SIGKILL');
    assert.equal(tryLock().stdout, 'held on\n', 'it went with its holder');
  });

  it('may not leave a core', async () => {
    const confined = start();
    await confined.client.request(1, new Uint8Array());
    const limits = readFileSync(`/proc/${confined.child.pid}/limits`, 'utf8');
    assert.match(limits, /Max core file size +0 +0 /);
    assert.equal(
      readFileSync(`/proc/${confined.child.pid}/coredump_filter`, 'utf8').trim(),
      '00000000',
    );
    await confined.stop();
  });

  it('reads a secret from the descriptor it was handed', async () => {
    const path = join(folder, 'secret');
    writeFileSync(path, 'open sesame');
    const fd = openSync(path, 'r');
    const confined = start([fd]);
    closeSync(fd);
    assert.equal(
      Buffer.from(await confined.client.request(4, new Uint8Array())).toString(),
      'open sesame',
    );
    await confined.stop();
  });

  it('leaves by itself when its parent closes the pipe', async () => {
    const confined = start();
    await confined.client.request(1, new Uint8Array());
    confined.client.close();
    await waitUntil(() => confined.child.exitCode === 0);
  });
});

describe('a supervised child', () => {
  it('comes back after it was killed, and says in between that it is gone', async () => {
    const exits: unknown[] = [];
    const supervised = superviseChild({
      name: 'probe',
      start,
      onExit: (exit) => exits.push(exit.signal),
    });
    await supervised.request(1, new Uint8Array());
    const firstPid = supervised.pid;
    await assert.rejects(supervised.request(2, new Uint8Array()), { code: 'peer_gone' });
    await assert.rejects(supervised.request(1, new Uint8Array()), { code: 'peer_gone' });
    await waitUntil(() => supervised.starts === 2);
    assert.equal(Buffer.from(await supervised.request(1, Buffer.from('back'))).toString(), 'back');
    assert.notEqual(supervised.pid, firstPid);
    assert.deepEqual(exits, ['SIGKILL']);
    await supervised.stop();
    await assert.rejects(supervised.request(1, new Uint8Array()), { code: 'peer_gone' });
  });
});
