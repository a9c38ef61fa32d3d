import assert from 'node:assert/strict';
import { globSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { hashLeaf } from '@countersign/verifier';
import { seededRandom } from '@countersign/vocabulary';
import { testEntries } from '../testing/entries.ts';
import { LogFolder, TEST_ORIGIN } from '../testing/log-folder.ts';
import { decodeBundle, encodeBundle } from '../tiles/entry-bundle.ts';
import { subtreeRoot } from '../tree/seal-subtree.ts';
import { fsckLog } from './fsck-log.ts';
import type { FsckReport } from './fsck-report.ts';

const folders: LogFolder[] = [];
after(() => {
  for (const folder of folders) folder.delete();
});

/** A log of so many entries, published now and then: partial tiles of several trees lie about. */
async function logOf(count: number, end: 'closed' | 'crashed' = 'closed'): Promise<LogFolder> {
  const folder = new LogFolder();
  folders.push(folder);
  const log = await folder.open({ segmentBytes: 16 * 1024 });
  const step = Math.max(1, Math.ceil(count / 9));
  for (let from = 0; from < count; from += step) {
    const entries = testEntries(from, Math.min(step, count - from), folder.clock.nowMs());
    await log.appendMany(entries);
    if (end === 'closed' || from + step < count) await log.publishNow();
  }
  if (end === 'closed') await log.close();
  else folder.crash();
  return folder;
}

const path = (folder: LogFolder, name: string): string => join(folder.path, name);

async function damage(
  folder: LogFolder,
  name: string,
  change: (bytes: Buffer) => Uint8Array,
): Promise<FsckReport> {
  const before = readFileSync(path(folder, name));
  writeFileSync(path(folder, name), change(Buffer.from(before)));
  const report = await fsckLog(folder.path);
  writeFileSync(path(folder, name), before);
  return report;
}

const flipped =
  (offset: number, bit = 0) =>
  (bytes: Buffer): Buffer => {
    bytes[offset] = (bytes[offset] ?? 0) ^ (1 << bit);
    return bytes;
  };

describe('a check of a log', () => {
  it('finds nothing wrong with a log of any size, closed or left by a crash', async () => {
    for (const size of [0, 1, 255, 256, 257, 600, 1030]) {
      for (const end of ['closed', 'crashed'] as const) {
        const folder = await logOf(size, end);
        const report = await fsckLog(folder.path);
        assert.deepEqual(report.difference, undefined, `${size} ${end}`);
        assert.deepEqual([report.sound, report.origin], [true, TEST_ORIGIN]);
        if (end === 'closed') assert.deepEqual([report.entries, report.shownSize], [size, size]);
      }
    }
  });

  it('goes up through three levels of tiles, and tells how far it is', async () => {
    const folder = await logOf(66_000);
    const told: number[] = [];
    const report = await fsckLog(folder.path, { onProgress: (done) => told.push(done) });
    assert.deepEqual([report.sound, report.entries], [true, 66_000]);
    assert.deepEqual([told.length, told[0], told.at(-1)], [258, 256, 66_000]);
    const upper = await damage(folder, 'public/tile/1/000', flipped(32 * 200 + 5));
    assert.deepEqual(
      [upper.difference?.what, upper.difference?.path, upper.difference?.index],
      ['hash_differs', 'public/tile/1/000', 200],
    );
  });

  it('reads a log that is open and goes on', async () => {
    const folder = new LogFolder();
    folders.push(folder);
    const log = await folder.open();
    for (let round = 0; round < 5; round += 1) {
      await log.appendMany(testEntries(round * 100, 100, folder.clock.nowMs()));
      const report = await fsckLog(folder.path);
      assert.deepEqual([report.sound, report.entries], [true, round * 100]);
      await log.publishNow();
    }
  });

  it('writes nothing', async () => {
    const folder = await logOf(300);
    const before = globSync('**/*', { cwd: folder.path }).map((name) => [
      name,
      statSync(path(folder, name)).mtimeMs,
    ]);
    await fsckLog(folder.path);
    const now = globSync('**/*', { cwd: folder.path }).map((name) => [
      name,
      statSync(path(folder, name)).mtimeMs,
    ]);
    assert.deepEqual(now, before);
  });
});

describe('a check of a damaged log', () => {
  const SEED = Number(process.env['COUNTERSIGN_SEED'] ?? 1);
  const FLIPS = 400;

  /** Draws a bit of a file, each file as likely as any other, so that small ones have their turn. */
  function drawFlips(folder: LogFolder, seed: number): [string, number, number][] {
    const random = seededRandom(seed);
    const number = (below: number): number =>
      Buffer.from(random.bytes(4)).readUInt32BE() % Math.max(1, below);
    const names = globSync(['public/**/*', 'wal/*'], { cwd: folder.path })
      .filter((name) => statSync(path(folder, name)).isFile())
      .sort();
    return Array.from({ length: FLIPS }, () => {
      const name = names[number(names.length)] ?? assert.fail();
      return [name, number(statSync(path(folder, name)).size), number(8)];
    });
  }

  it('finds any flipped bit of what is served and of the WAL', async () => {
    const folder = await logOf(700);
    for (const [name, offset, bit] of drawFlips(folder, SEED)) {
      const { sound, difference } = await damage(folder, name, flipped(offset, bit));
      assert.equal(sound, false, `COUNTERSIGN_SEED=${SEED}: ${name} offset ${offset} bit ${bit}`);
      assert.ok(difference && difference.message.length > 0);
    }
    assert.equal((await fsckLog(folder.path)).sound, true);
  });

  it('after a crash at least remarks on it, where it cannot be told from an unfinished write', async () => {
    const folder = await logOf(700, 'crashed');
    const sound = JSON.stringify(await fsckLog(folder.path));
    for (const [name, offset, bit] of drawFlips(folder, SEED)) {
      const report = JSON.stringify(await damage(folder, name, flipped(offset, bit)));
      assert.notEqual(
        report,
        sound,
        `COUNTERSIGN_SEED=${SEED}: ${name} offset ${offset} bit ${bit}`,
      );
    }
  });

  it('names what differs, where, and from what', async () => {
    const folder = await logOf(700);
    const entry = await damage(folder, 'public/tile/entries/001', flipped(46 * 7 + 20));
    assert.equal(entry.difference?.index, 256 + 7);
    assert.match(entry.difference?.what ?? '', /entry_differs|hash_differs/);
    const tile = await damage(folder, 'public/tile/0/000', flipped(32 * 9));
    const { what, path: where, index, offset } = tile.difference ?? assert.fail();
    assert.deepEqual([what, where, index, offset], ['hash_differs', 'public/tile/0/000', 9, 288]);
    assert.notEqual(tile.difference?.expected, tile.difference?.found);
    const short = await damage(folder, 'public/tile/0/001', (bytes) => bytes.subarray(1));
    assert.equal(short.difference?.what, 'tile_damaged');
    const cut = await damage(folder, 'public/tile/entries/000', (bytes) => bytes.subarray(0, -1));
    assert.equal(cut.difference?.what, 'bundle_damaged');
    const note = await damage(folder, 'public/checkpoint', () => Buffer.from('rubbish\n'));
    assert.equal(note.difference?.what, 'checkpoint_unsigned');
    const key = await damage(folder, 'keys/receipt.json', () =>
      readFileSync(path(folder, 'keys/feed.json')),
    );
    assert.equal(key.difference?.what, 'key_file_differs');
    const identity = await damage(folder, 'log.json', () => Buffer.from('{}'));
    assert.equal(identity.difference?.what, 'identity_damaged');
    const slot = await damage(folder, 'head', flipped(16 * 1024 + 30));
    const other = await damage(folder, 'head', flipped(30));
    for (const { remarks, difference } of [slot, other]) {
      assert.ok(
        difference !== undefined || remarks.some((remark) => remark.what === 'head_damaged'),
      );
    }
    const both = await damage(folder, 'head', (bytes) =>
      flipped(30)(flipped(16 * 1024 + 30)(bytes)),
    );
    assert.equal(both.difference?.what, 'head_damaged');
  });

  it('misses what is gone', async () => {
    const folder = await logOf(700);
    const gone: [string, string][] = [
      ['public/tile/0/000', 'tile_missing'],
      ['public/tile/entries/001', 'bundle_missing'],
      ['public/checkpoint', 'checkpoint_missing'],
      ['head', 'head_damaged'],
      ['wal', 'wal_behind'],
      ['log.json', 'identity_damaged'],
    ];
    for (const [name, what] of gone) {
      renameSync(path(folder, name), path(folder, 'elsewhere'));
      assert.equal((await fsckLog(folder.path)).difference?.what, what, name);
      renameSync(path(folder, 'elsewhere'), path(folder, name));
    }
  });

  it('is not fooled by tiles that agree among themselves', async () => {
    const folder = await logOf(1);
    const file = path(folder, 'public/tile/entries/000.p/1');
    const [entry = assert.fail()] = decodeBundle(readFileSync(file), 1);
    const forged = new Uint8Array(entry).with(30, 1);
    writeFileSync(file, encodeBundle([forged]));
    writeFileSync(path(folder, 'public/tile/0/000.p/1'), hashLeaf(forged));
    const logged = (await fsckLog(folder.path)).difference;
    assert.deepEqual([logged?.what, logged?.index], ['entry_differs', 0]);

    const long = await logOf(3000);
    const first = path(long, 'public/tile/entries/000');
    const changed = decodeBundle(readFileSync(first), 256).map((entry) => new Uint8Array(entry));
    changed[9] = (changed[9] ?? assert.fail()).with(30, 1);
    writeFileSync(first, encodeBundle(changed));
    const hashes = Buffer.concat(changed.map((entry) => hashLeaf(entry)));
    writeFileSync(path(long, 'public/tile/0/000'), hashes);
    const root = subtreeRoot(changed.map((entry) => hashLeaf(entry)));
    for (const name of globSync('public/tile/1/**/*', { cwd: long.path })) {
      if (!statSync(path(long, name)).isFile()) continue;
      const upper = readFileSync(path(long, name));
      upper.set(root, 0);
      writeFileSync(path(long, name), upper);
    }
    assert.equal((await fsckLog(long.path)).difference?.what, 'root_differs');
  });

  it('finds a head that was put back, and a checkpoint of another log', async () => {
    const folder = await logOf(3);
    const other = await logOf(3);
    for (const name of ['head', 'public/checkpoint']) {
      const { difference } = await damage(folder, name, () => readFileSync(path(other, name)));
      assert.equal(difference?.what, 'checkpoint_unsigned', `${name} of another log`);
    }
    const old = readFileSync(path(folder, 'head'));
    const log = await folder.open();
    await log.appendMany(testEntries(3, 5, folder.clock.nowMs()));
    await log.close();
    const { difference } = await damage(folder, 'head', () => old);
    assert.equal(difference?.what, 'checkpoint_ahead');
  });
});
