import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EMPTY_ROOT, hashLeaf, verifyInclusion } from '@countersign/verifier';
import fc from 'fast-check';
import { LogState } from '../log/log-state.ts';
import { EdgeTiles } from './edge-tiles.ts';
import { decodeBundle } from './entry-bundle.ts';
import { proveFromTiles, readBundle, readHashTile, tileAt } from './read-tiles.ts';
import { formatTilePath } from './tile-path.ts';

const entryOf = (index: number): Uint8Array => Buffer.from(`entry ${index}`);

/** Grows a log to each size in turn, keeping what a store would hold and the root at that size. */
function publish(sizes: number[], keepPartials = true) {
  const store = new Map<string, Buffer>();
  const roots = new Map<number, Uint8Array>();
  const state = new LogState(new EdgeTiles(), 0);
  let published = 0;
  for (const size of sizes) {
    const grown = state.size;
    state.replay(Array.from({ length: size - grown }, (_, at) => entryOf(grown + at)));
    for (const tile of state.edge.filesBetween(published, size)) {
      const path = formatTilePath(tile);
      const before = store.get(path);
      assert.ok(before === undefined || before.equals(tile.bytes), `${path} changed`);
      store.set(path, tile.bytes);
    }
    roots.set(size, state.root());
    state.edge.forget(size);
    published = size;
  }
  if (!keepPartials) {
    for (const path of store.keys())
      if (store.has(path.replace(/\.p\/.*/, ''))) store.delete(path.includes('.p/') ? path : '');
  }
  return { store, roots, state, fetch: async (path: string) => store.get(path) };
}

const lengths = (store: Map<string, Buffer>, level: number): [string, number][] =>
  [...store]
    .filter(([path]) => path.startsWith(`tile/${level}/`))
    .map(([path, bytes]): [string, number] => [path.slice(7), bytes.length / 32])
    .sort();

describe('tiles', () => {
  it('of 255 entries are one partial tile, of 256 a full one and one hash above it', () => {
    assert.deepEqual(lengths(publish([255]).store, 0), [['000.p/255', 255]]);
    const full = publish([256]).store;
    assert.deepEqual(lengths(full, 0), [['000', 256]]);
    assert.deepEqual(lengths(full, 1), [['000.p/1', 1]]);
  });

  it('of 257 entries begin a second tile and leave the first alone', () => {
    const { store } = publish([255, 256, 257]);
    assert.deepEqual(lengths(store, 0), [
      ['000', 256],
      ['000.p/255', 255],
      ['001.p/1', 1],
    ]);
    assert.deepEqual(lengths(store, 1), [['000.p/1', 1]]);
  });

  it('around 65,536 entries have a full tile on level 1 and no partial one folded into it', () => {
    const { store } = publish([65_535, 65_536, 65_537]);
    assert.deepEqual(lengths(store, 1), [
      ['000', 256],
      ['000.p/255', 255],
    ]);
    assert.deepEqual(lengths(store, 2), [['000.p/1', 1]]);
    assert.equal(store.get('tile/0/256.p/1')?.length, 32);
    assert.equal(store.get('tile/1/001'), undefined);
  });

  it('of 70,000 entries are 273 full and one of 112, one full and one of 17, and one of 1', () => {
    const { store } = publish([70_000]);
    const bottom = lengths(store, 0);
    assert.equal(bottom.filter(([, width]) => width === 256).length, 273);
    assert.deepEqual(bottom.at(-1), ['273.p/112', 112]);
    assert.deepEqual(lengths(store, 1), [
      ['000', 256],
      ['001.p/17', 17],
    ]);
    assert.deepEqual(lengths(store, 2), [['000.p/1', 1]]);
  });

  it('hold the entries in bundles of the same widths', async () => {
    const { fetch } = publish([300, 700]);
    const first = await readBundle(fetch, { index: 0, width: 256 });
    assert.deepEqual(
      first.map(String),
      Array.from({ length: 256 }, (_, at) => String(entryOf(at))),
    );
    const last = await readBundle(fetch, tileAt('entries', 2, 700));
    assert.equal(last.length, 700 - 512);
    assert.equal(String(last.at(-1)), 'entry 699');
  });

  it('prove any leaf of any published size, by the verifier', async () => {
    const sizes = [1, 2, 255, 256, 257, 511, 1000, 66_000];
    const { roots, fetch } = publish(sizes);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...sizes), fc.nat(), async (size, seed) => {
        const index = seed % size;
        const proof = await proveFromTiles(fetch, index, size);
        const root = roots.get(size) ?? EMPTY_ROOT;
        assert.ok(verifyInclusion(hashLeaf(entryOf(index)), index, size, proof, root));
      }),
      { numRuns: 200 },
    );
  });

  it('prove an old size from the full tile after its partial one was removed', async () => {
    const { roots, fetch } = publish([200, 600], false);
    const proof = await proveFromTiles(fetch, 150, 200);
    const root = roots.get(200) ?? EMPTY_ROOT;
    assert.ok(verifyInclusion(hashLeaf(entryOf(150)), 150, 200, proof, root));
  });

  it('that are missing or of a wrong length are refused, not guessed', async () => {
    const place = { level: 0, index: 0, width: 3 } as const;
    await assert.rejects(
      readHashTile(async () => undefined, place),
      { code: 'tiles_corrupt' },
    );
    await assert.rejects(
      readHashTile(async () => Buffer.alloc(95), place),
      {
        code: 'tiles_corrupt',
      },
    );
    const bundle = { index: 0, width: 2 };
    await assert.rejects(
      readBundle(async () => Buffer.from([0, 5, 1]), bundle),
      {
        code: 'tiles_corrupt',
      },
    );
    await assert.rejects(
      readBundle(async () => Buffer.from([0, 1, 9]), bundle),
      {
        code: 'tiles_corrupt',
      },
    );
  });

  it('keep in memory only what no full published tile holds', () => {
    const { state } = publish([1000]);
    assert.equal(state.edge.heldEntries, 1000 - 768);
    assert.equal(state.edge.entries(700, 1000), undefined);
    const held = state.edge.entries(768, 2000) ?? assert.fail();
    assert.deepEqual(
      held.map(String),
      Array.from({ length: 232 }, (_, at) => `entry ${768 + at}`),
    );
  });

  it('keep what was published true while they grow on, whatever the entries are long', () => {
    const state = new LogState(new EdgeTiles(), 0);
    const entries = Array.from({ length: 600 }, (_, at) => Buffer.alloc((at * 7) % 256, at));
    state.replay(entries.slice(0, 130));
    const before = state.edge.filesBetween(0, 130).map(({ bytes }) => ({ bytes, was: [...bytes] }));
    const view = state.edge.entries(100, 101)?.[0] ?? assert.fail();
    for (const entry of entries.slice(130)) state.replay([entry]);
    for (const { bytes, was } of before) assert.deepEqual([...bytes], was);
    assert.deepEqual(Buffer.from(view), entries[100]);
    const bundles = state.edge.filesBetween(0, 600).filter(({ level }) => level === 'entries');
    const stored = bundles.flatMap(({ bytes, width }) => decodeBundle(bytes, width));
    assert.deepEqual(stored.map(String), entries.map(String));
  });
});
