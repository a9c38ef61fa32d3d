import assert from 'node:assert/strict';
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { digestOf, testEntries, testEntry } from '../testing/entries.ts';
import { LogFolder } from '../testing/log-folder.ts';
import { decodeRecord, encodeRecord } from '../wal/group-record.ts';
import { decodeSegmentHeader, SEGMENT_HEADER_BYTES } from '../wal/segment-header.ts';

const folders: LogFolder[] = [];
after(() => {
  for (const folder of folders) folder.delete();
});

/** A log of 600 entries, 500 of them published, that was left as by a crash. */
async function crashedLog(): Promise<LogFolder> {
  const folder = new LogFolder();
  folders.push(folder);
  const log = await folder.open();
  await log.appendMany(testEntries(0, 500, folder.clock.nowMs()));
  await log.publishNow();
  await log.appendMany(testEntries(500, 100, folder.clock.nowMs()));
  folder.crash();
  return folder;
}

const files = (folder: LogFolder, name: string): string => join(folder.path, name);

describe('opening a log', () => {
  it('brings back everything that was durable and publishes it', async () => {
    const folder = await crashedLog();
    const log = await folder.open();
    assert.deepEqual([log.durableSize, log.publishedSize], [600, 600]);
    const entries = await log.readEntries(512, 4096);
    assert.equal(digestOf(entries), digestOf(testEntries(512, 88, folder.clock.nowMs())));
    assert.equal((await folder.checkpoint(log)).size, 600);
  });

  it('many times in a row changes nothing', async () => {
    const folder = await crashedLog();
    for (let time = 0; time < 5; time += 1) {
      const log = await folder.open();
      assert.equal(log.durableSize, 600 + time);
      await log.append(testEntry(600 + time, folder.clock.nowMs()));
      if (time % 2 === 0) await log.close();
      else folder.crash();
    }
  });

  it('shows the checkpoint again when it was lost, damaged, or older', async () => {
    const folder = await crashedLog();
    const path = files(folder, 'public/checkpoint');
    const first = readFileSync(path);
    for (const bytes of [undefined, Buffer.from('rubbish'), first]) {
      if (bytes === undefined) rmSync(path);
      else writeFileSync(path, bytes);
      const log = await folder.open();
      assert.equal((await folder.checkpoint(log)).size, 600);
      folder.crash();
    }
  });

  it('mends tiles and bundles that a crash lost or damaged', async () => {
    const folder = await crashedLog();
    rmSync(files(folder, 'public/tile/0/000'));
    writeFileSync(files(folder, 'public/tile/entries/000'), 'damaged');
    writeFileSync(files(folder, 'public/tile/0/001.p/244'), Buffer.alloc(244 * 32));
    const log = await folder.open();
    assert.equal(readFileSync(files(folder, 'public/tile/0/000')).length, 8192);
    const entries = await log.readEntries(0, 256);
    assert.equal(digestOf(entries), digestOf(testEntries(0, 256, folder.clock.nowMs())));
  });

  it('begins with an older form of a tile when the newest one was lost, and mends that', async () => {
    const folder = await crashedLog();
    for (let round = 0; round < 3; round += 1) {
      const log = await folder.open();
      await log.appendMany(testEntries(log.durableSize, 20, folder.clock.nowMs()));
      await log.close();
    }
    const lost = ['0', 'entries'].map((level) => files(folder, `public/tile/${level}/002.p/148`));
    for (const path of lost) rmSync(path);
    assert.equal((await folder.open()).durableSize, 660);
    for (const path of lost) assert.ok(readFileSync(path).length >= 148 * 32);
    folder.crash();
    rmSync(files(folder, 'public/tile/0/002.p'), { recursive: true });
    await assert.rejects(folder.open(), { code: 'tiles_corrupt' });
  });

  it('is refused when the WAL ends before the last checkpoint', async () => {
    const folder = await crashedLog();
    for (const name of folder.disk.list('wal')) rmSync(files(folder, `wal/${name}`));
    await assert.rejects(folder.open(), { code: 'rollback' });
  });

  it('is refused when a WAL segment in the middle is missing', async () => {
    const folder = await crashedLog();
    const log = await folder.open({ segmentBytes: 4096 });
    for (let round = 0; round < 5; round += 1) {
      await log.appendMany(testEntries(600, 60, folder.clock.nowMs()));
    }
    folder.crash();
    const names = folder.disk.list('wal');
    assert.ok(names.length >= 4);
    rmSync(files(folder, `wal/${names[2]}`));
    await assert.rejects(folder.open(), { code: 'wal_corrupt' });
  });

  it('is refused when a published entry was changed in the WAL and its sum made right', async () => {
    const folder = await crashedLog();
    const path = files(folder, 'wal/00000001.wal');
    const segment = readFileSync(path);
    const { salt } = decodeSegmentHeader(segment) ?? assert.fail();
    const record = decodeRecord(segment, SEGMENT_HEADER_BYTES, salt) ?? assert.fail();
    const [first = assert.fail(), ...others] = record.entries;
    const entries = [first.with(20, (first[20] ?? 0) ^ 1), ...others];
    encodeRecord({ ...record, entries }, salt, segment.subarray(SEGMENT_HEADER_BYTES));
    writeFileSync(path, segment);
    await assert.rejects(folder.open(), { code: 'log_forked' });
  });

  it('is refused when the WAL is of another log', async () => {
    const folder = await crashedLog();
    const other = await crashedLog();
    cpSync(files(other, 'wal'), files(folder, 'wal'), { recursive: true });
    await assert.rejects(folder.open(), { code: 'wal_corrupt', message: /another log/ });
  });

  it('is refused when the checkpoint shown to the world is ahead of what is remembered', async () => {
    const folder = await crashedLog();
    cpSync(files(folder, 'head'), files(folder, 'head.old'));
    cpSync(files(folder, 'wal'), files(folder, 'wal.old'), { recursive: true });
    const log = await folder.open();
    await log.close();
    renameSync(files(folder, 'head.old'), files(folder, 'head'));
    rmSync(files(folder, 'wal'), { recursive: true });
    renameSync(files(folder, 'wal.old'), files(folder, 'wal'));
    await assert.rejects(folder.open(), { code: 'rollback' });
  });

  it('is refused when the head is gone or of another log', async () => {
    const folder = await crashedLog();
    const other = await crashedLog();
    cpSync(files(other, 'head'), files(folder, 'head'));
    await assert.rejects(folder.open(), { code: 'head_corrupt' });
    rmSync(files(folder, 'head'));
    await assert.rejects(folder.open(), { code: 'head_corrupt' });
  });

  it('is refused while the clock is behind what the log last wrote', async () => {
    const folder = await crashedLog();
    folder.clock.advanceMs(-10_001);
    await assert.rejects(folder.open(), { code: 'clock_behind' });
    folder.clock.advanceMs(1);
    await (await folder.open()).close();
  });

  it('fences off a writer that was open before', async () => {
    const folder = await crashedLog();
    const log = await folder.open();
    const copy = new LogFolder();
    folders.push(copy);
    cpSync(folder.path, copy.path, { recursive: true });
    rmSync(join(copy.path, 'lock'));
    const thief = await copy.open();
    cpSync(join(copy.path, 'head'), files(folder, 'head'));
    await log.append(testEntry(600, folder.clock.nowMs()));
    await assert.rejects(log.publishNow(), { code: 'fenced' });
    thief.abandon();
  });
});
