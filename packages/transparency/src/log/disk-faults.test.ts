import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { digestOf, testEntries, testEntry } from '../testing/entries.ts';
import { type DiskStep, diskError } from '../testing/faulty-disk.ts';
import { LogFolder, receiptIndex } from '../testing/log-folder.ts';
import type { TransparencyLog } from './transparency-log.ts';

const folders: LogFolder[] = [];
const newFolder = (): LogFolder => {
  const folder = new LogFolder();
  folders.push(folder);
  return folder;
};
after(() => {
  for (const folder of folders) folder.delete();
});

const inWal = ({ kind, path }: DiskStep): boolean => kind === 'write' && path.startsWith('wal/');

async function appendOne(folder: LogFolder, log: TransparencyLog, number: number): Promise<number> {
  const entry = testEntry(number, folder.clock.nowMs());
  return receiptIndex(log, entry, await log.append(entry));
}

/** Every entry that was acknowledged, and no other, is in the log after it was opened again. */
async function assertHolds(folder: LogFolder, numbers: number[]): Promise<void> {
  folder.disk.fault = () => undefined;
  folder.crash();
  const log = await folder.open();
  const entries = await log.readEntries(0, 4096);
  const expected = numbers.map((number) => testEntry(number, folder.clock.nowMs()));
  assert.equal(digestOf(entries), digestOf(expected));
  await log.publishNow();
  assert.equal((await folder.checkpoint(log)).size, numbers.length);
}

describe('a disk that fails', () => {
  for (const tear of [0, 1, 31, 32, 60]) {
    it(`after ${tear} bytes of a record stops the log for good and is not tried again`, async () => {
      const folder = newFolder();
      const log = await folder.open();
      await appendOne(folder, log, 0);
      let attempts = 0;
      folder.disk.fault = (step) => {
        if (!inWal(step)) return undefined;
        attempts += 1;
        return { error: diskError('EIO'), tear };
      };
      await assert.rejects(appendOne(folder, log, 1), {
        code: 'log_stopped',
        retryAfterSeconds: 1,
      });
      await assert.rejects(appendOne(folder, log, 2), { code: 'log_stopped' });
      assert.equal(attempts, 1);
      assert.deepEqual(
        folder.fatal.map((error) => (error as { code?: string }).code),
        ['EIO'],
      );
      await assertHolds(folder, [0]);
    });
  }

  it('under a tile or a checkpoint stops the log too', async () => {
    for (const kind of ['replace', 'settle'] as const) {
      const folder = newFolder();
      const log = await folder.open();
      await appendOne(folder, log, 0);
      folder.disk.fault = (step) => (step.kind === kind ? { error: diskError('EIO') } : undefined);
      await assert.rejects(log.publishNow(), { code: 'EIO' });
      await assertHolds(folder, [0]);
    }
  });

  it('that writes a few bytes at a time is written to until all is down', async () => {
    const folder = newFolder();
    const log = await folder.open();
    folder.disk.fault = (step) => (inWal(step) ? Math.min(7, step.bytes) : undefined);
    for (let number = 0; number < 5; number += 1) await appendOne(folder, log, number);
    await assertHolds(folder, [0, 1, 2, 3, 4]);
  });
});

describe('a full disk', () => {
  for (const code of ['ENOSPC', 'EDQUOT']) {
    for (const tear of [0, 40, 100]) {
      it(`(${code} after ${tear} bytes) refuses for a while; no index is used twice or lost`, async () => {
        const folder = newFolder();
        const log = await folder.open();
        assert.equal(await appendOne(folder, log, 0), 0);
        folder.disk.fault = ({ kind, path }) => {
          if (kind === 'create') return { error: diskError(code) };
          return kind === 'write' && path.startsWith('wal/')
            ? { error: diskError(code), tear }
            : undefined;
        };
        for (let number = 1; number < 4; number += 1) {
          await assert.rejects(appendOne(folder, log, number), {
            code: 'log_full',
            retryAfterSeconds: 5,
          });
        }
        assert.deepEqual(folder.fatal, []);
        assert.equal(log.durableSize, 1);
        assert.equal((await log.readEntries(0, 10)).length, 1);
        folder.disk.fault = () => undefined;
        assert.equal(await appendOne(folder, log, 9), 1);
        await assertHolds(folder, [0, 9]);
      });
    }
  }

  it('that a crash follows leaves only what was acknowledged', async () => {
    const folder = newFolder();
    const log = await folder.open();
    await appendOne(folder, log, 0);
    folder.disk.fault = ({ kind, path }) => {
      if (kind === 'write' && path.startsWith('wal/'))
        return { error: diskError('ENOSPC'), tear: 50 };
      return kind === 'truncate' ? { error: diskError('EIO') } : undefined;
    };
    await assert.rejects(appendOne(folder, log, 1));
    await assertHolds(folder, [0]);
  });

  it('does not say that nothing was logged when a part of a request was', async () => {
    for (const refused of [0, 1]) {
      const folder = newFolder();
      const log = await folder.open();
      let writes = 0;
      // Twelve entries are two groups: eight, then four.
      folder.disk.fault = (step) => {
        if (!inWal(step)) return undefined;
        writes += 1;
        return writes - 1 === refused ? { error: diskError('ENOSPC') } : undefined;
      };
      const entries = testEntries(0, 12, folder.clock.nowMs());
      await assert.rejects(log.appendMany(entries), { code: 'log_stopped', retryAfterSeconds: 1 });
      assert.ok(log.durableSize > 0 && log.durableSize < 12);
      folder.disk.fault = () => undefined;
      await appendOne(folder, log, 12);
      assert.deepEqual(folder.fatal, []);
    }
  });

  it('that keeps the whole record it refused does not make its index be used twice', async () => {
    const folder = newFolder();
    const log = await folder.open();
    await appendOne(folder, log, 0);
    folder.disk.fault = (step) => {
      if (inWal(step)) return { error: diskError('ENOSPC'), tear: step.bytes };
      return step.kind === 'truncate' ? { error: diskError('ENOSPC') } : undefined;
    };
    await assert.rejects(appendOne(folder, log, 1), { code: 'log_full' });
    folder.disk.fault = (step) =>
      step.kind === 'truncate' ? { error: diskError('ENOSPC') } : undefined;
    assert.equal(await appendOne(folder, log, 2), 1);
    await assertHolds(folder, [0, 2]);
  });

  it('does not stop a log from opening; it appends once there is room', async () => {
    const folder = newFolder();
    const first = await folder.open();
    await first.appendMany(testEntries(0, 300, folder.clock.nowMs()));
    await first.close();
    folder.disk.fault = ({ kind, path }) =>
      kind === 'create' && path.startsWith('wal/') ? { error: diskError('ENOSPC') } : undefined;
    const log = await folder.open();
    assert.equal((await log.readEntries(0, 300)).length, 300);
    await assert.rejects(appendOne(folder, log, 300), { code: 'log_full' });
    folder.disk.fault = () => undefined;
    assert.equal(await appendOne(folder, log, 300), 300);
    await assertHolds(
      folder,
      Array.from({ length: 301 }, (_, at) => at),
    );
  });

  it('under the tiles delays the checkpoint and nothing else', async () => {
    for (const kind of ['replace', 'settle'] as const) {
      const folder = newFolder();
      const log = await folder.open();
      folder.disk.fault = (step) =>
        step.kind === kind ? { error: diskError('ENOSPC') } : undefined;
      await appendOne(folder, log, 0);
      await log.publishNow();
      assert.deepEqual([log.status().waitsForRoom, log.publishedSize], [true, 0]);
      await appendOne(folder, log, 1);
      folder.disk.fault = () => undefined;
      await log.publishNow();
      assert.deepEqual([log.status().waitsForRoom, log.publishedSize], [false, 2]);
      await assertHolds(folder, [0, 1]);
    }
  });

  it('met while the next segment is prepared is no trouble while the current one has room', async () => {
    const folder = newFolder();
    const log = await folder.open({ segmentBytes: 4096 });
    folder.disk.fault = ({ kind }) =>
      kind === 'create' ? { error: diskError('ENOSPC') } : undefined;
    let logged = 0;
    const numbers: number[] = [];
    for (;;) {
      try {
        await appendOne(folder, log, logged);
      } catch (error) {
        assert.equal((error as { code: string }).code, 'log_full');
        break;
      }
      numbers.push(logged);
      logged += 1;
    }
    assert.ok(logged > 40, 'the segment was filled');
    folder.disk.fault = () => undefined;
    await appendOne(folder, log, logged);
    await assertHolds(folder, [...numbers, logged]);
  });
});
