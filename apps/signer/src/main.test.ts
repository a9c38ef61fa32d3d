import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openKeyFile } from '@countersign/keys';
import { confinementFlags } from '@countersign/pipe';
import { makeActive } from './testing/make-active.ts';
import {
  MAIN,
  makeInput,
  newHome,
  PASSPHRASE,
  READ_PATHS,
  startSigner,
} from './testing/start-signer.ts';

let home: ReturnType<typeof newHome>;
beforeEach(() => {
  home = newHome();
});
afterEach(() => home.remove());

/** Starts the signer as it should not be started, and returns how it left. */
function refusal(nodeArguments: string[], wrap: string[] = ['prlimit', '--core=0:0']) {
  const fd = openSync(home.secret, 'r');
  const [command, ...rest] = [...wrap, process.execPath, ...nodeArguments];
  const { status, stderr } = spawnSync(command as string, rest, {
    stdio: ['ignore', 'ignore', 'pipe', fd],
    env: {},
    cwd: home.folder,
    encoding: 'utf8',
    timeout: 20_000,
  });
  closeSync(fd);
  return { status, stderr };
}

describe('the signer process', () => {
  it('signs for its parent, keeps its keys over a restart, and leaves with its parent', async () => {
    const first = startSigner(home.folder, home.secret);
    const key = await makeActive(first.signer, 'ES256');
    const input = makeInput(key.kid, 1);
    const { signature, journalNumber } = await first.signer.sign(key.kid, input);
    assert.equal(journalNumber, 1);
    const publicKey = createPublicKey({ key: key.publicJwk, format: 'jwk' });
    assert.ok(verify('sha256', input, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature));
    first.client.close();
    assert.deepEqual(await first.exited, { code: 0, signal: null });

    const second = startSigner(home.folder, home.secret);
    const counts = { journalled: 1, sinceStart: 0, made: 0, failed: 0 };
    assert.deepEqual(await second.signer.listKeys(), [{ ...key, counts }]);
    assert.equal((await second.signer.sign(key.kid, input)).journalNumber, 2);
    await second.stop();
    assert.deepEqual([...first.log, ...second.log], []);
  });

  it('guards its key file by the passphrase it was handed', async () => {
    const { signer, stop } = startSigner(home.folder, home.secret);
    const { kid } = await makeActive(signer, 'EdDSA');
    await stop();
    const bytes = readFileSync(join(home.folder, 'keys', `${kid}.json`));
    assert.equal(openKeyFile(bytes, PASSPHRASE).record.kid, kid);
    assert.throws(() => openKeyFile(bytes, 'another passphrase'), { code: 'passphrase_wrong' });
  });

  it('refuses to start on another passphrase, and says what to do', async () => {
    const first = startSigner(home.folder, home.secret);
    await first.signer.ready();
    await first.stop();
    writeFileSync(home.secret, 'wrong horse battery staple\n');
    const second = startSigner(home.folder, home.secret);
    await assert.rejects(second.signer.ready(), { code: 'signer_unavailable' });
    assert.deepEqual(await second.exited, { code: 78, signal: null });
    assert.match(second.log.join('\n'), /^passphrase_wrong: .*custody\.json/);
  });

  it('refuses to start without a passphrase worth the name', async () => {
    writeFileSync(home.secret, 'short');
    const { signer, exited, log } = startSigner(home.folder, home.secret);
    await assert.rejects(signer.ready(), { code: 'signer_unavailable' });
    assert.equal((await exited).code, 78);
    assert.match(log.join('\n'), /^passphrase_missing: /);
  });

  it('refuses to run outside its cage', () => {
    const flags = confinementFlags(home.folder, READ_PATHS);
    const run = [MAIN, home.folder, '3'];
    const without = (flag: string): string[] => flags.filter((other) => other !== flag);
    const cases: [string[], RegExp, string[]?][] = [
      [run, /without --permission/],
      [[...flags, '--allow-net', ...run], /--allow-net is not allowed/],
      [[...flags, '--allow-fs-read=*', ...run], /allows reading/],
      [[...flags, '--allow-fs-write=/', ...run], /allows writing/],
      [[...without('--disable-sigusr1'), ...run], /--disable-sigusr1 is missing/],
      [[...flags, '--report-on-signal', ...run], /--report-on-signal is not allowed/],
      [[...flags, ...run], /core file/, ['prlimit', '--core=1000000:1000000']],
      [[...flags, ...run], /sets NODE_OPTIONS/, ['env', 'NODE_OPTIONS=--no-warnings']],
    ];
    for (const [nodeArguments, reason, wrap] of cases) {
      const { status, stderr } = refusal(nodeArguments, wrap);
      assert.match(stderr, /^not_confined: /m, String(reason));
      assert.match(stderr, reason);
      assert.equal(status, 78);
    }
  });

  it('does without a database module, which the permission model does not bind', () => {
    const flags = [...confinementFlags(home.folder, READ_PATHS), '--no-experimental-sqlite'];
    // Its input is empty, so it opens its folder, finds its parent gone and leaves.
    assert.deepEqual(refusal([...flags, MAIN, home.folder, '3']), { status: 0, stderr: '' });
    assert.ok(existsSync(join(home.folder, 'custody.json')));
  });

  it('says where a bug is and not what it was handed', () => {
    const flags = confinementFlags(home.folder, READ_PATHS);
    mkdirSync(join(home.folder, 'owner'));
    const { status, stderr } = refusal([...flags, MAIN, home.folder, '3']);
    assert.equal(status, 78);
    assert.match(stderr, /^EISDIR: the signer stops\n {4}at /);
  });

  it('explains its use', () => {
    for (const args of [[], [home.folder], [home.folder, 'three']]) {
      const { status, stderr } = refusal([MAIN, ...args]);
      assert.equal(status, 64);
      assert.match(stderr, /^usage: /);
    }
  });
});
