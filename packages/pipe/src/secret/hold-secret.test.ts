import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type HeldSecret, holdSecret } from './hold-secret.ts';

const SECRET = 'the passphrase of a test, 4711';
const folder = mkdtempSync(join(tmpdir(), 'countersign-secret-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'secret');
writeFileSync(file, SECRET, { mode: 0o600 });

function read(held: HeldSecret): string {
  const fd = held.open();
  const text = readFileSync(fd, 'utf8');
  closeSync(fd);
  return text;
}

describe('a secret for a child', () => {
  it('comes from a file, as often as the child starts', () => {
    const held = holdSecret({ file }, 'key passphrase');
    assert.deepEqual([read(held), read(held)], [SECRET, SECRET]);
  });

  it('comes from a systemd credential, by its name in the folder that systemd names', () => {
    const environment = { CREDENTIALS_DIRECTORY: folder };
    const held = holdSecret({ credential: 'secret' }, 'key passphrase', environment);
    assert.deepEqual([read(held), read(held)], [SECRET, SECRET]);
  });

  it('is told missing, with what to do, when there is no such file or credential', () => {
    const wrongs = [
      [{ file: join(folder, 'none') }, {}, /The key passphrase is missing: there is no file/],
      [{ credential: 'secret' }, {}, /LoadCredential=secret:PATH/],
      [{ credential: '../secret' }, { CREDENTIALS_DIRECTORY: folder }, /no name of a credential/],
      [{ credential: 'none' }, { CREDENTIALS_DIRECTORY: folder }, /there is no file/],
    ] as const;
    for (const [source, environment, message] of wrongs) {
      assert.throws(() => holdSecret(source, 'key passphrase', environment), {
        code: 'secret_missing',
        message,
      });
    }
  });

  it('comes from an inherited descriptor, and is read anew by each child, though it was a pipe; no other process inherits it', () => {
    const script = `
      import { spawnSync } from 'node:child_process';
      import { readFileSync } from 'node:fs';
      import { holdSecret } from ${JSON.stringify(join(import.meta.dirname, 'hold-secret.ts'))};
      const held = holdSecret({ fd: 5 }, 'key passphrase');
      const texts = [held.open(), held.open()].map((fd) => readFileSync(fd, 'utf8'));
      const heir = spawnSync('/bin/sh', ['-c', 'cat <&5'], { encoding: 'utf8' });
      console.log(JSON.stringify({ texts, heir: heir.stdout }));`;
    const node = `${JSON.stringify(process.execPath)} --input-type=module-typescript`;
    const shell = `printf '%s' "$1" | { ${node} -e "$2" 5<&0 </dev/null; }`;
    const { stdout, stderr } = spawnSync('/bin/sh', ['-c', shell, 'sh', SECRET, script], {
      encoding: 'utf8',
    });
    assert.deepEqual(JSON.parse(stdout || stderr), { texts: [SECRET, SECRET], heir: '' });
  });

  it('is in no file that has a name once it came on a descriptor', () => {
    const held = holdSecret({ fd: openSync(file, 'r') }, 'PIN');
    const fd = held.open();
    assert.match(readlinkSync(`/proc/self/fd/${fd}`), /\(deleted\)$/);
    closeSync(fd);
    held.release();
  });

  it('is not awaited from a descriptor that cannot carry it', () => {
    const empty = join(folder, 'empty');
    writeFileSync(empty, '');
    writeFileSync(join(folder, 'long'), Buffer.alloc(20_000));
    const long = openSync(join(folder, 'long'), 'r');
    for (const fd of [0, 999, openSync('/dev/null', 'r'), openSync(empty, 'r'), long]) {
      assert.throws(() => holdSecret({ fd }, 'PIN'), {
        code: 'secret_missing',
        message: /^The PIN was to come on descriptor/,
      });
    }
  });
});
