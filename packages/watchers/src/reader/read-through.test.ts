import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { utf8 } from '@countersign/verifier';
import fc from 'fast-check';
import { joinBundle, TinyLog } from '../testing/tiny-log.ts';
import { createLogReader } from './log-reader.ts';
import { readThrough } from './read-through.ts';

const SIZES = [0, 1, 2, 255, 256, 257, 511, 512, 513, 2_600];

async function readAll(log: TinyLog, from = 0, size = log.size) {
  const read: [number, string][] = [];
  const progress: [number, number][] = [];
  await readThrough({
    reader: createLogReader({ url: log.url, fetch: log.fetch, parallel: 3 }),
    checkpoint: { size, root: log.root(size) },
    from,
    onEntry: (entry, index) => void read.push([index, new TextDecoder().decode(entry)]),
    onProgress: (done, total) => void progress.push([done, total]),
  });
  return { read, progress };
}

function expected(log: TinyLog, from: number, size = log.size): [number, string][] {
  const all = log.entries.map((entry, at): [number, string] => [
    at,
    new TextDecoder().decode(entry),
  ]);
  return all.slice(from, size);
}

describe('reading a log from end to end', () => {
  it('gives every entry once and in order, at sizes around the bundles', async () => {
    const log = new TinyLog().grow(2_600);
    for (const size of SIZES) {
      const { read, progress } = await readAll(log, 0, size);
      assert.deepEqual(read, expected(log, 0, size), `size ${size}`);
      if (size > 0) assert.deepEqual(progress.at(-1), [size, size]);
    }
  });

  it('begins anywhere without reading what is before', async () => {
    const log = new TinyLog().grow(2_600);
    const ranges = fc.nat(2_600).chain((size) => fc.tuple(fc.nat(size), fc.constant(size)));
    await fc.assert(
      fc.asyncProperty(ranges, async ([from, size]) => {
        log.asked.length = 0;
        assert.deepEqual((await readAll(log, from, size)).read, expected(log, from, size));
        const bundles = log.asked.filter((path) => path.startsWith('tile/entries/'));
        assert.ok(bundles.length <= Math.ceil((size - from) / 256) + 1);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps few bundles under way, however many there are', async () => {
    const log = new TinyLog().grow(5_000);
    let [underWay, most] = [0, 0];
    const reader = createLogReader({
      url: log.url,
      parallel: 4,
      fetch: async (...asked) => {
        underWay += 1;
        most = Math.max(most, underWay);
        await new Promise((resolve) => setImmediate(resolve));
        underWay -= 1;
        return log.fetch(...asked);
      },
    });
    const checkpoint = { size: log.size, root: log.root() };
    await readThrough({ reader, checkpoint, onEntry: () => undefined });
    assert.equal(most, 4);
  });

  it('refuses a log that left out, changed, added or exchanged an entry anywhere', async () => {
    const log = new TinyLog().grow(600);
    const bundle = (number: number) => log.entries.slice(number * 256, (number + 1) * 256);
    const tricks: ((entries: Uint8Array[]) => Uint8Array[])[] = [
      (entries) => [utf8('another'), ...entries.slice(1)],
      (entries) => [...entries.slice(0, -1), utf8('another')],
      (entries) => [...entries.slice(1), entries[0] ?? utf8('')],
      (entries) => [...entries.slice(1), utf8('one more')],
    ];
    for (const trick of tricks) {
      for (const number of [0, 1, 2]) {
        const width = number === 2 ? '.p/88' : '';
        const path = `tile/entries/00${number}${width}`;
        log.replaced.set(path, joinBundle(trick(bundle(number))));
        await assert.rejects(readAll(log), { code: 'log_unproven' }, path);
        log.replaced.delete(path);
      }
    }
  });

  it('refuses hash tiles that lie about what is before the beginning', async () => {
    const log = new TinyLog().grow(600);
    log.replaced.set('tile/1/000.p/2', new Uint8Array(64).fill(7));
    await assert.rejects(readAll(log, 512), { code: 'log_unproven' });
  });

  it('says that a bundle is missing, and leaves no failure unheard', async () => {
    const log = new TinyLog().grow(3_000);
    for (const name of ['003', '004', '005']) log.missing.add(`tile/entries/${name}`);
    await assert.rejects(readAll(log), { code: 'tile_missing' });
  });
});
