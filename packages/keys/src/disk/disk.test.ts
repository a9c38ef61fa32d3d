import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { FolderClaim } from './claim-folder.ts';
import { writeDurably, writeNewDurably } from './write-durably.ts';

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

  it('that must be new does not replace one', () => {
    const path = join(folder, 'new');
    writeNewDurably(path, Buffer.from('first'));
    assert.throws(() => writeNewDurably(path, Buffer.from('second')), { code: 'EEXIST' });
    assert.equal(readFileSync(path, 'utf8'), 'first');
    assert.equal(statSync(path).nlink, 1);
  });

  it('replaces what a crash left half written', () => {
    const path = join(folder, 'again');
    writeFileSync(`${path}.tmp`, 'half of something longer than the file');
    writeDurably(path, Buffer.from('whole'));
    assert.equal(readFileSync(path, 'utf8'), 'whole');
  });
});

describe('the claim of a folder', () => {
  const owner = join(folder, 'owner');
  const hold = async (): Promise<ReturnType<typeof spawn>> => {
    const script = `
      import { FolderClaim } from ${JSON.stringify(join(import.meta.dirname, 'claim-folder.ts'))};
      FolderClaim.take(${JSON.stringify(folder)});
      process.stdout.write('claimed');
      setInterval(() => undefined, 1000);`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout as NodeJS.EventEmitter, 'data');
    return holder;
  };

  it('is held by one at a time in this process, each with a later epoch', () => {
    const claim = FolderClaim.take(folder, 0);
    assert.throws(() => FolderClaim.take(folder, 0), { code: 'folder_locked' });
    assert.ok(claim.holds());
    claim.release();
    assert.ok(!claim.holds());
    const next = FolderClaim.take(folder, 0);
    assert.equal(next.epoch, claim.epoch + 1);
    next.release();
  });

  it('is refused while another process lives, and free the moment it is dead', async () => {
    const holder = await hold();
    assert.throws(() => FolderClaim.take(folder, 100), { code: 'folder_locked' });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    FolderClaim.take(folder, 0).release();
  });

  it('passes from a holder that has stopped moving, which then holds it no more', async () => {
    const holder = await hold();
    holder.kill('SIGSTOP');
    const claim = FolderClaim.take(folder);
    const text = readFileSync(owner, 'utf8');
    holder.kill('SIGCONT');
    await new Promise((resolve) => setTimeout(resolve, 700)); // more than a heartbeat
    assert.equal(readFileSync(owner, 'utf8'), text);
    assert.ok(claim.holds());
    claim.release();
    holder.kill('SIGKILL');
    await once(holder, 'exit');
  });

  it('is lost to whoever claims it by force, and not given back by the loser', () => {
    const claim = FolderClaim.take(folder, 0);
    const taken = `${claim.epoch + 1} 1 another\n`;
    writeFileSync(owner, taken);
    assert.ok(!claim.holds());
    claim.release();
    assert.equal(readFileSync(owner, 'utf8'), taken);
    utimesSync(owner, 0, 0);
    FolderClaim.take(folder, 0).release();
  });

  it('is not guessed when its file cannot be read', () => {
    for (const text of ['', 'x', '1 2', '1 2 token\nmore']) {
      writeFileSync(owner, text);
      assert.throws(() => FolderClaim.take(folder, 0), { code: 'custody_corrupt' });
    }
  });
});
