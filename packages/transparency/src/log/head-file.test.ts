import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { nodeDisk } from '../disk/node-disk.ts';
import { diskError, FaultyDisk } from '../testing/faulty-disk.ts';
import { createHead, HEAD_FILE, type Head, HeadKeeper, readHead } from './head-file.ts';

const root = mkdtempSync(join(tmpdir(), 'countersign-head-'));
after(() => rmSync(root, { recursive: true }));

const first: Head = {
  sequence: 0,
  epoch: 0,
  size: 0,
  timeMs: 5,
  root: Buffer.alloc(32, 1),
  note: 'a note\n',
};
const grown = { epoch: 1, size: 10, timeMs: 6, root: Buffer.alloc(32, 2), note: 'another\n' };

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, 'head-'));
  createHead(nodeDisk(folder), first);
});

describe('the head of a log', () => {
  it('comes back as it was written last', () => {
    const disk = nodeDisk(folder);
    assert.deepEqual(readHead(disk), first);
    const keeper = new HeadKeeper(disk, first);
    for (let size = 1; size < 5; size += 1) {
      keeper.advance({ ...grown, size });
      assert.deepEqual(readHead(disk), { ...grown, size, sequence: size });
    }
    keeper.close();
  });

  it('survives a write torn at any place', () => {
    const faulty = new FaultyDisk(nodeDisk(folder));
    for (const tear of [1, 9, 40, 68, 4096, 16_383]) {
      const keeper = new HeadKeeper(faulty, first);
      faulty.fault = () => ({ error: diskError('EIO'), tear });
      assert.throws(() => keeper.advance(grown), { code: 'EIO' });
      keeper.close();
      assert.deepEqual(readHead(faulty), first);
    }
  });

  it('never goes back', () => {
    const disk = nodeDisk(folder);
    const keeper = new HeadKeeper(disk, first);
    keeper.advance(grown);
    assert.throws(() => keeper.advance({ ...grown, size: 9 }), { code: 'rollback' });
    keeper.close();
  });

  it('is not written over when another process has written it', () => {
    const disk = nodeDisk(folder);
    const mine = new HeadKeeper(disk, first);
    const theirs = new HeadKeeper(disk, first);
    theirs.advance({ ...grown, epoch: 2 });
    assert.throws(() => mine.advance(grown), { code: 'fenced' });
    assert.equal(readHead(disk).epoch, 2);
    mine.close();
    theirs.close();
  });

  it('with both slots damaged, or lost, is refused', () => {
    const path = join(folder, HEAD_FILE);
    const bytes = readFileSync(path);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    assert.throws(() => readHead(nodeDisk(folder)), { code: 'head_corrupt' });
    rmSync(path);
    assert.throws(() => readHead(nodeDisk(folder)), { code: 'head_corrupt' });
  });
});
