import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { lockFolder } from './lock-folder.ts';
import { writeDurably } from './write-durably.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-disk-'));
after(() => rmSync(folder, { recursive: true }));

describe('a durable file', () => {
  it('appears whole, for its owner only, and leaves no other name', () => {
    const path = join(folder, 'file');
    for (const text of ['first', 'x', 'the second time']) {
      writeDurably(path, Buffer.from(text));
      assert.equal(readFileSync(path, 'utf8'), text);
      assert.equal(statSync(path).mode & 0o777, 0o600);
      assert.ok(!existsSync(`${path}.tmp`));
    }
  });

  it('replaces what a crash left half written', () => {
    const path = join(folder, 'again');
    writeFileSync(`${path}.tmp`, 'half of something longer than the file');
    writeDurably(path, Buffer.from('whole'));
    assert.equal(readFileSync(path, 'utf8'), 'whole');
  });
});

describe('the lock of a folder', () => {
  it('is held by one at a time, in this process and in any other', () => {
    const lock = lockFolder(folder, 0);
    assert.throws(() => lockFolder(folder, 0), { code: 'folder_locked' });
    lock.release();
    lockFolder(folder, 0).release();
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('lock')),
      ['lock'],
    );
  });

  it('dies with its holder, however it dies', async () => {
    const script = `
      import { lockFolder } from ${JSON.stringify(join(import.meta.dirname, 'lock-folder.ts'))};
      lockFolder(${JSON.stringify(folder)});
      process.stdout.write('locked');
      setInterval(() => undefined, 1000);`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    assert.throws(() => lockFolder(folder, 0), { code: 'folder_locked' });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    lockFolder(folder, 0).release();
  });
});
