import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { systemRandom } from '@countersign/vocabulary';
import { checkInstallation } from './check-installation.ts';
import { openDataFolder } from './open-data-folder.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-data-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (file?: string) =>
  openDataFolder(join(folder, 'data'), systemRandom, file === undefined ? undefined : { file });
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('the data folder', () => {
  it('is for its owner only, secrets most of all', () => {
    const data = open();
    const token = data.secret('operator-token');
    assert.equal(token.length, 43);
    assert.equal(mode(data.path), '700');
    for (const name of ['operator-token', 'key-passphrase'])
      assert.equal(mode(join(data.path, 'secrets', name)), '600');
    data.release();
    const again = open();
    assert.equal(again.secret('operator-token'), token);
    assert.equal(again.instanceId, data.instanceId);
    assert.match(again.instanceId, /^[A-Za-z0-9_-]{22}$/);
    again.release();
  });

  it('fills what a crash left empty', () => {
    const data = open();
    writeFileSync(join(data.path, 'instance-id'), '');
    data.release();
    const again = open();
    assert.notEqual(again.instanceId, '');
    again.release();
  });

  it('never makes a passphrase where keys wait for another one', () => {
    const data = open();
    writeFileSync(join(data.signer, 'key'), 'x');
    rmSync(join(data.path, 'secrets/key-passphrase'));
    data.release();
    assert.throws(open, { code: 'passphrase_missing' });
    rmSync(join(data.signer, 'key'));
    open().release();
  });

  it('does not make the passphrase file that was configured elsewhere', () => {
    assert.throws(() => open(join(folder, 'elsewhere')), { code: 'passphrase_missing' });
    writeFileSync(join(folder, 'elsewhere'), 'a passphrase that is long');
    const data = open(join(folder, 'elsewhere'));
    const fd = data.passphrase.open();
    assert.equal(readFileSync(fd, 'utf8'), 'a passphrase that is long');
    closeSync(fd);
    assert.equal(existsSync(join(data.path, 'secrets/key-passphrase')), false);
    data.release();
  });

  it('lets a second opening in the same process pass and takes over from the dead', () => {
    const data = open();
    writeFileSync(join(data.path, 'server.pid'), '999999999\n');
    const again = open();
    assert.equal(Number(readFileSync(join(data.path, 'server.pid'), 'utf8')), process.pid);
    again.release();
  });

  it('is refused to a second server while the first lives', async () => {
    const data = open();
    const other = spawn(process.execPath, [
      '-e',
      'setTimeout(() => {}, 20000)',
      'server/src/main.ts',
    ]);
    await once(other, 'spawn');
    writeFileSync(join(data.path, 'server.pid'), `${other.pid}\n`);
    try {
      assert.throws(open, { code: 'data_in_use', message: new RegExp(`Process ${other.pid} `) });
    } finally {
      other.kill();
    }
  });

  it('does not take a stranger with the same pid for a server', () => {
    const data = open();
    // The test runner's parent: alive, and not a server of ours.
    writeFileSync(join(data.path, 'server.pid'), `${process.ppid}\n`);
    open().release();
  });

  it('is new until its names are noted, and then belongs to one url', () => {
    const data = open();
    const names = checkInstallation(data, 'http://localhost:4600');
    assert.deepEqual(names, { url: 'http://localhost:4600', logOrigin: 'localhost:4600/log' });
    assert.equal(data.isNew(), true);
    data.markComplete(names);
    assert.equal(data.isNew(), false);
    data.release();
    const again = open();
    assert.deepEqual(checkInstallation(again, 'http://localhost:4600'), names);
    assert.throws(() => checkInstallation(again, 'http://localhost:4601'), { code: 'url_changed' });
  });
});
