import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import type { PipeClient } from '@countersign/pipe';
import { createNotaryClient, type NotaryClient, proveFromTiles } from '@countersign/transparency';
import {
  decodeReceipt,
  encodeLeafEntry,
  hashLeaf,
  parseVerifierKey,
  verifyCheckpoint,
  verifyInclusion,
} from '@countersign/verifier';
import { REMOTE_ORIGIN, RemoteHome, type RunningRemote } from '../testing/remote-home.ts';
import { readRemoteArguments } from './read-remote-arguments.ts';

const home = new RemoteHome();
const running: RunningRemote[] = [];
const peers: PipeClient[] = [];
afterEach(async () => {
  for (const peer of peers.splice(0)) peer.close();
  for (const remote of running.splice(0)) await remote.stop();
});
after(() => home.delete());

async function start(more?: string[], port?: number): Promise<RunningRemote> {
  const remote = await home.start(more, port);
  running.push(remote);
  return remote;
}

function ask(port: number, who?: string): NotaryClient {
  const peer = home.connect(port, who);
  peers.push(peer);
  return createNotaryClient(peer);
}

async function untilReady(notary: NotaryClient): Promise<void> {
  for (let turn = 0; ; turn += 1) {
    try {
      return await notary.ready();
    } catch (error) {
      if (turn > 1200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

const newEntry = (): Uint8Array =>
  encodeLeafEntry({
    type: 'access',
    issuedMs: Date.now(),
    expiresAtSeconds: Math.floor(Date.now() / 1000) + 600,
    commitment: randomBytes(32),
  });

describe('the notary on a host of its own', () => {
  it('logs for its issuer, and shows everybody what it logged', async () => {
    const remote = await start();
    const notary = ask(remote.listen);
    await untilReady(notary);
    const { origin, checkpointKey } = await notary.keys();
    assert.equal(origin, REMOTE_ORIGIN);
    const entry = newEntry();
    const { index } = decodeReceipt(await notary.append(entry));
    while ((await notary.size()).publishedSize <= index)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const url = `http://127.0.0.1:${remote.public}/log`;
    const read = async (path: string) => {
      const response = await fetch(`${url}/${path}`);
      return response.ok ? Buffer.from(await response.arrayBuffer()) : undefined;
    };
    const note = await read('checkpoint');
    const key = parseVerifierKey(checkpointKey);
    const { size, root } = await verifyCheckpoint(note ?? assert.fail(), origin, key);
    const proof = await proveFromTiles(read, index, size);
    assert.ok(verifyInclusion(hashLeaf(entry), index, size, proof, root));
  });

  it('gives an append that is sent again over a new connection its first place', async () => {
    const remote = await start([]);
    const entry = newEntry();
    const first = ask(remote.listen);
    await untilReady(first);
    const receipt = await first.append(entry);
    first.close();
    const second = ask(remote.listen);
    await untilReady(second);
    assert.deepEqual(await second.append(entry), receipt);
  });

  it('outlives its confined notary, which starts again', async () => {
    const remote = await start([]);
    const notary = ask(remote.listen);
    await untilReady(notary);
    const child = readdirSync('/proc').find((pid) => isChildOf(pid, remote.child.pid ?? -1));
    process.kill(Number(child ?? assert.fail('no child')), 'SIGKILL');
    await untilReady(notary);
    await notary.append(newEntry());
  });

  it('answers nobody who is not on its list, and shows nobody more than the public folder', async () => {
    const remote = await start([]);
    const stranger = ask(remote.listen, 'stranger');
    for (let turn = 0; turn < 5; turn += 1) {
      await assert.rejects(stranger.append(newEntry()), { code: 'peer_gone' });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const url = `http://127.0.0.1:${remote.public}`;
    for (const path of [
      ...['/log/', '/log/tile/', '/checkpoint', '/log/tile/0', '/log/tile/0/000.p/0'],
      ...['/log/%2e%2e/log.json', '/log/..%2flog.json', '/log/tile/0/x000/000', '/'],
    ]) {
      assert.equal((await fetch(url + path)).status, 404, path);
    }
    assert.equal((await fetch(`${url}/log/checkpoint`, { method: 'POST' })).status, 405);
    assert.equal((await fetch(`${url}/log/checkpoint`, { method: 'HEAD' })).status, 200);
  });

  it('does not start where there is no log and none is to be made', async () => {
    const empty = new RemoteHome();
    try {
      await assert.rejects(empty.start([]), /log_missing/);
    } finally {
      empty.delete();
    }
  });
});

function isChildOf(pid: string, parent: number): boolean {
  if (!/^\d+$/.test(pid)) return false;
  try {
    return new RegExp(`^PPid:\\t${parent}$`, 'm').test(
      readFileSync(join('/proc', pid, 'status'), 'utf8'),
    );
  } catch {
    return false; // it ended while we looked
  }
}

describe('its command line', () => {
  const args = [
    ...['--folder', '/log', '--origin', 'a/log', '--passphrase-file', '/p', '--tls', '/t'],
    ...['--listen', '0.0.0.0:4700', '--allow', 'ab'.repeat(32)],
  ];

  it('says where to listen and whom to answer', () => {
    const read = readRemoteArguments([...args, '--public', '[::1]:0']);
    assert.deepEqual(read.listen, { host: '0.0.0.0', port: 4700 });
    assert.deepEqual(read.public, { host: '::1', port: 0 });
    assert.equal(readRemoteArguments(args).public, undefined);
    assert.equal(read.publicHttps, false);
  });

  it('is refused when anything is missing, wrong or unknown', () => {
    for (let at = 0; at < args.length; at += 2)
      assert.throws(() => readRemoteArguments(args.toSpliced(at, 2)), /needed/);
    for (const wrong of ['4700', 'host', 'host:99999', 'host:x', '::1:80', ' :1'])
      assert.throws(() => readRemoteArguments([...args, '--public', wrong]), /HOST:PORT/);
    assert.throws(() => readRemoteArguments([...args, '--passphrase', 'p']));
  });

  it('explains itself', () => {
    const script = join(import.meta.dirname, '../remote.ts');
    const { status, stdout } = spawnSync(process.execPath, [script, '--help'], {
      encoding: 'utf8',
    });
    assert.equal(status, 0);
    assert.match(stdout, /--passphrase-file/);
  });
});
