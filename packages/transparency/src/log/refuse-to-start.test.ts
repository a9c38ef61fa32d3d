// The list of what a log does not start on, each by its name, and what it does start on: damage
// that it can mend, and damage that cannot change what it signs next.

import assert from 'node:assert/strict';
import {
  cpSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { encodeHex, hashLeaf } from '@countersign/verifier';
import { isCodedError, seededRandom } from '@countersign/vocabulary';
import { testEntries } from '../testing/entries.ts';
import { diskError } from '../testing/faulty-disk.ts';
import { LogFolder } from '../testing/log-folder.ts';
import { GrowingTree } from '../tree/growing-tree.ts';

const PUBLISHED = 700;
const folders: LogFolder[] = [];
after(() => {
  for (const folder of folders) folder.delete();
});

async function logLeft(by: 'closing' | 'crash' = 'closing'): Promise<LogFolder> {
  const folder = new LogFolder();
  folders.push(folder);
  const log = await folder.open({ segmentBytes: 8192 });
  for (let from = 0; from < PUBLISHED; from += 70) {
    await log.appendMany(testEntries(from, 70, folder.clock.nowMs()));
    await log.publishNow();
  }
  if (by === 'closing') await log.close();
  else folder.crash();
  return folder;
}

describe('a log does not start', () => {
  it('on a rollback: an older copy of everything but what was shown', async () => {
    const folder = await logLeft();
    const old = new LogFolder();
    folders.push(old);
    cpSync(folder.path, old.path, { recursive: true });
    const log = await folder.open();
    await log.appendMany(testEntries(PUBLISHED, 5, folder.clock.nowMs()));
    await log.close();
    cpSync(join(folder.path, 'public/checkpoint'), join(old.path, 'public/checkpoint'));
    await assert.rejects(old.open(), { code: 'rollback' });
  });

  it('in a wrong directory: an empty one, one with other files, one of another log', async () => {
    const folder = new LogFolder();
    folders.push(folder);
    await assert.rejects(folder.open({ make: false }), { code: 'log_missing' });
    assert.deepEqual(folder.disk.list('wal'), []);
    writeFileSync(join(folder.path, 'letter.txt'), 'not a log');
    await assert.rejects(folder.open(), { code: 'folder_not_empty' });
    const other = await logLeft();
    await assert.rejects(other.open({ origin: 'other.example/log' }), { code: 'origin_mismatch' });
  });

  it('while the clock is behind what it last wrote', async () => {
    const folder = await logLeft();
    folder.clock.advanceMs(-11_000);
    await assert.rejects(folder.open(), { code: 'clock_behind', retryAfterSeconds: 1 });
  });

  it('beside a second writer, and neither of them is harmed', async () => {
    const folder = await logLeft();
    const first = await folder.open();
    const second = new LogFolder();
    folders.push(second);
    await assert.rejects(second.open({ folder: folder.path, disk: folder.disk }), {
      code: 'log_locked',
      retryAfterSeconds: 1,
    });
    await first.appendMany(testEntries(PUBLISHED, 5, folder.clock.nowMs()));
    await first.close();
  });

  it('when it was half made', async () => {
    const folder = new LogFolder();
    folders.push(folder);
    mkdirSync(join(folder.path, 'keys'));
    await assert.rejects(folder.open(), { code: 'log_half_made' });
  });

  it('on a disk that fails while it opens, and does once the disk is well', async () => {
    for (const kind of ['write', 'create', 'replace'] as const) {
      const folder = await logLeft('crash');
      rmSync(join(folder.path, 'public/checkpoint'));
      folder.disk.fault = (step) => (step.kind === kind ? { error: diskError('EIO') } : undefined);
      await assert.rejects(folder.open(), { code: 'EIO' });
      folder.disk.fault = () => undefined;
      assert.equal((await folder.open()).durableSize, PUBLISHED);
    }
  });
});

describe('a flipped bit', () => {
  const SEED = Number(process.env['COUNTERSIGN_SEED'] ?? 1);
  const FLIPS = 120;

  it('in the WAL, the head, or a tile stops the start or changes nothing that is signed', async () => {
    const folder = await logLeft();
    const random = seededRandom(SEED);
    const number = (below: number): number =>
      Buffer.from(random.bytes(4)).readUInt32BE() % Math.max(1, below);
    const files = globSync(['public/tile/**/*', 'wal/*', 'head'], { cwd: folder.path })
      .filter((name) => statSync(join(folder.path, name)).isFile())
      .sort();
    const tree = new GrowingTree(() => undefined);
    const added = testEntries(PUBLISHED, 1, folder.clock.nowMs());
    for (const entry of [...testEntries(0, PUBLISHED, folder.clock.nowMs()), ...added]) {
      tree.push(0, hashLeaf(entry));
    }
    const ends = new Map<string, number>();
    for (let flip = 0; flip < FLIPS; flip += 1) {
      const copy = new LogFolder();
      cpSync(folder.path, copy.path, { recursive: true });
      const name = join(copy.path, files[number(files.length)] ?? assert.fail());
      const bytes = readFileSync(name);
      const offset = number(bytes.length);
      bytes[offset] = (bytes[offset] ?? 0) ^ (1 << number(8));
      writeFileSync(name, bytes);
      const end = await signNext(copy, added);
      ends.set(end, (ends.get(end) ?? 0) + 1);
      copy.delete();
      if (end === encodeHex(tree.root())) continue;
      assert.match(
        end,
        /^(rollback|wal_corrupt|log_forked|tiles_corrupt)$/,
        `COUNTERSIGN_SEED=${SEED}: ${name} offset ${offset}`,
      );
    }
    assert.ok(ends.size >= 3, 'some starts are refused and some are not');
  });

  /** The root that the log signs for one entry more, or the code that it refuses to start with. */
  async function signNext(folder: LogFolder, entries: Uint8Array[]): Promise<string> {
    try {
      const log = await folder.open();
      await log.appendMany(entries);
      await log.publishNow();
      return encodeHex((await folder.checkpoint(log)).root);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      return error.code;
    }
  }
});
