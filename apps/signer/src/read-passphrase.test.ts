import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readPassphrase } from './read-passphrase.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-passphrase-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'passphrase');
const secret = 'correct horse battery staple';
const opened = (text: string): number => {
  writeFileSync(path, text);
  return openSync(path, 'r');
};
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('the passphrase', () => {
  it('is read without its line end, and its descriptor closed', () => {
    for (const written of [secret, `${secret}\n`, `${secret}\r\n`]) {
      const fd = opened(written);
      assert.equal(text(readPassphrase(fd)), secret);
      assert.throws(() => fstatSync(fd), { code: 'EBADF' });
    }
  });

  it('is read from the start of a file that an earlier child has read already', () => {
    const fd = opened(secret);
    readSync(fd, Buffer.alloc(100), 0, 100, null);
    assert.equal(text(readPassphrase(fd)), secret);
  });

  it('is read from a pipe until its end', () => {
    const script = `
      import { readPassphrase } from ${JSON.stringify(join(import.meta.dirname, 'read-passphrase.ts'))};
      process.stdout.write(readPassphrase(0));`;
    const shell = `(printf 'correct horse '; sleep 0.1; printf 'battery staple\\n') | "$0" --input-type=module -e "$1"`;
    const read = execFileSync('/bin/sh', ['-c', shell, process.execPath, script]);
    assert.equal(text(read), secret);
  });

  it('is refused when it is too short to guard anything, or too long to be meant', () => {
    const missing = { code: 'passphrase_missing' };
    for (const wrong of ['', '\n', 'x'.repeat(15), 'x'.repeat(1025), 'x'.repeat(5000)]) {
      assert.throws(() => readPassphrase(opened(wrong)), missing);
    }
    assert.equal(readPassphrase(opened('x'.repeat(1024))).length, 1024);
    const fd = opened(secret);
    closeSync(fd);
    assert.throws(() => readPassphrase(fd), missing);
  });

  it('lies in one large buffer, which the collector does not copy about', () => {
    assert.ok(readPassphrase(opened(secret)).buffer.byteLength > 64);
  });
});
