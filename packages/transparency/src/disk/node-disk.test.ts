import assert from 'node:assert/strict';
import {
  constants,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { isDiskFull, writeAll } from './log-disk.ts';
import { nodeDisk } from './node-disk.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-disk-'));
after(() => rmSync(folder, { recursive: true }));

/** Flags of this process's open descriptor of a file, as the kernel knows them. */
function openFlags(path: string): number {
  const fd = readdirSync('/proc/self/fd').find((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`) === path;
    } catch {
      return false;
    }
  });
  const flags = /flags:\s*([0-7]+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1];
  return Number.parseInt(flags ?? assert.fail(), 8);
}

describe('the disk below a log', () => {
  it('is written synchronously: the kernel returns when the bytes are down', () => {
    const disk = nodeDisk(folder);
    const path = join(folder, 'segment');
    const made = disk.create('segment');
    assert.equal(openFlags(path) & constants.O_SYNC, constants.O_SYNC);
    made.close();
    const opened = disk.open('segment');
    assert.equal(openFlags(path) & constants.O_DSYNC, constants.O_DSYNC);
    opened.close();
  });

  it('creates only what is not there and opens only what is', () => {
    const disk = nodeDisk(folder);
    disk.create('once').close();
    assert.throws(() => disk.create('once'), { code: 'EEXIST' });
    assert.throws(() => disk.open('never'), { code: 'ENOENT' });
    assert.equal(disk.read('never'), undefined);
    assert.deepEqual(disk.list('never'), []);
  });

  it('replaces a file in one step and leaves nothing unfinished', async () => {
    mkdirSync(join(folder, 'tmp'), { recursive: true });
    writeFileSync(join(folder, 'tmp', '7'), 'left by a crash');
    const disk = nodeDisk(folder);
    await disk.replace('public/tile/0/x001/000', Buffer.from('first'));
    await disk.replace('public/tile/0/x001/000', Buffer.from('second'));
    assert.equal(String(disk.read('public/tile/0/x001/000')), 'second');
    assert.equal(String(await disk.readLater('public/tile/0/x001/000')), 'second');
    assert.equal(await disk.readLater('public/none'), undefined);
    await disk.settle();
    assert.deepEqual(disk.list('tmp'), []);
  });

  it('leaves the old file, and no debris, when the new one cannot be put in place', async () => {
    const disk = nodeDisk(folder);
    mkdirSync(join(folder, 'occupied', 'by'), { recursive: true });
    await assert.rejects(disk.replace('occupied', Buffer.from('new')));
    assert.deepEqual(disk.list('occupied'), ['by']);
    assert.deepEqual(disk.list('tmp'), []);
  });

  it('removes files and folders, and what is not there', async () => {
    const disk = nodeDisk(folder);
    await disk.replace('a/b/c', Buffer.from('x'));
    disk.remove('a');
    disk.remove('a');
    assert.deepEqual(disk.list('a'), []);
    await disk.replace('a/b/c', Buffer.from('y'));
    assert.equal(String(disk.read('a/b/c')), 'y');
  });

  it('tells a full disk from a broken one', () => {
    const withCode = (code: string) => Object.assign(new Error(code), { code });
    assert.ok(isDiskFull(withCode('ENOSPC')) && isDiskFull(withCode('EDQUOT')));
    for (const other of [withCode('EIO'), withCode('EROFS'), new Error('x'), undefined, 'ENOSPC']) {
      assert.equal(isDiskFull(other), false);
    }
  });

  it('writes on after a short write', () => {
    const written: [number, number][] = [];
    const file = {
      write: (bytes: Uint8Array, position: number) => {
        written.push([position, bytes.length]);
        return Math.min(3, bytes.length);
      },
      truncate: () => undefined,
      close: () => undefined,
    };
    writeAll(file, new Uint8Array(7), 100);
    assert.deepEqual(written, [
      [100, 7],
      [103, 4],
      [106, 1],
    ]);
  });
});
