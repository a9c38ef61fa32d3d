import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { EMPTY_ROOT, hashLeaf, hashNode, verifyConsistency } from '@countersign/verifier';
import fc from 'fast-check';
import { LogState } from '../log/log-state.ts';
import { checkTileBytes } from './check-tile-bytes.ts';
import { countAtLevel, EdgeTiles, tileLevels } from './edge-tiles.ts';
import { decodeBundle } from './entry-bundle.ts';
import { proveGrowthFromTiles, rootFromTiles } from './read-tiles.ts';
import { formatTilePath, parseTilePath, TILE_WIDTH } from './tile-path.ts';

/** Sizes around every edge of the format, and the one at which a mirror once went wrong. */
const SIZES = [1, 255, 256, 257, 65_535, 65_536, 65_537, 66_000, 70_000];

const entryOf = (index: number): Uint8Array => Buffer.from(`entry ${index}`);
const store = new Map<string, Buffer>();
const roots = new Map<number, Uint8Array>();
const changed: string[] = [];
const fetch = async (path: string): Promise<Buffer | undefined> => store.get(path);

before(() => {
  const state = new LogState(new EdgeTiles(), 0);
  let published = 0;
  for (const size of SIZES) {
    const grown = state.size;
    state.replay(Array.from({ length: size - grown }, (_, at) => entryOf(grown + at)));
    for (const tile of state.edge.filesBetween(published, size)) {
      const path = formatTilePath(tile);
      if (store.get(path)?.equals(tile.bytes) === false) changed.push(path);
      store.set(path, Buffer.from(tile.bytes));
    }
    roots.set(size, Buffer.from(state.root()));
    state.edge.forget(size);
    published = size;
  }
});

function pathsOf(size: number): string[] {
  return [...tileLevels(size), 'entries' as const].flatMap((level) => {
    const count = level === 'entries' ? size : countAtLevel(size, level);
    const full = Math.floor(count / TILE_WIDTH);
    const paths = Array.from({ length: full }, (_, index) =>
      formatTilePath({ level, index, width: TILE_WIDTH }),
    );
    const width = count % TILE_WIDTH;
    return width === 0 ? paths : [...paths, formatTilePath({ level, index: full, width })];
  });
}

/** The root over 2^n hashes, by the definition. */
function rootOver(hashes: Uint8Array[]): Uint8Array {
  if (hashes.length === 1) return hashes[0] as Uint8Array;
  const half = hashes.length / 2;
  return hashNode(rootOver(hashes.slice(0, half)), rootOver(hashes.slice(half)));
}

describe('the tiles of every produced size', () => {
  it('are there, and nothing else is: no empty tile, no partial width that no size had', () => {
    const expected = new Set(SIZES.flatMap(pathsOf));
    assert.deepEqual([...store.keys()].sort(), [...expected].sort());
  });

  it('never change', () => {
    assert.deepEqual(changed, []);
  });

  it('hold at a full path 8,192 bytes and at a partial one 32 for each hash', () => {
    for (const [path, bytes] of store) {
      checkTileBytes(parseTilePath(path) ?? assert.fail(path), bytes);
    }
    assert.equal(store.get('tile/1/000')?.length, 8192);
    assert.equal(store.get('tile/1/001'), undefined);
    assert.equal(store.get('tile/1/001.p/1')?.length, 32, 'of 66,000: 257 full tiles below');
  });

  it('hold above level 0 the roots of full tiles, and of no partial one', () => {
    for (const level of [1, 2]) {
      for (const [path, bytes] of store) {
        const place = parseTilePath(path);
        if (place?.level !== level) continue;
        for (let at = 0; at < place.width; at += 97) {
          const index = place.index * TILE_WIDTH + at;
          const below = store.get(formatTilePath({ level: level - 1, index, width: TILE_WIDTH }));
          const hashes = Array.from({ length: TILE_WIDTH }, (_, slot) =>
            (below ?? assert.fail(path)).subarray(slot * 32, slot * 32 + 32),
          );
          assert.deepEqual(bytes.subarray(at * 32, at * 32 + 32), Buffer.from(rootOver(hashes)));
        }
      }
    }
  });

  it('and the bundles beside them agree, entry by entry', () => {
    for (const [path, bytes] of store) {
      const place = parseTilePath(path);
      if (place?.level !== 'entries') continue;
      const hashes = store.get(formatTilePath({ ...place, level: 0 })) ?? assert.fail(path);
      const entries = decodeBundle(bytes, place.width);
      assert.equal(hashes.length, entries.length * 32, path);
      const last = entries.at(-1) ?? assert.fail(path);
      assert.deepEqual(hashes.subarray(-32), Buffer.from(hashLeaf(last)), path);
    }
  });
});

describe('what tiles prove', () => {
  it('is growth between any two produced sizes, and from any size before', async () => {
    const from = fc.integer({ min: 1, max: 70_000 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...SIZES), from, async (size, seed) => {
        const oldSize = 1 + (seed % size);
        const oldRoot = await rootFromTiles(fetch, oldSize, size);
        const proof = await proveGrowthFromTiles(fetch, oldSize, size);
        const root = roots.get(size) ?? assert.fail();
        assert.ok(verifyConsistency(oldSize, size, proof, oldRoot, root), `${oldSize} → ${size}`);
        const wrong = oldRoot.with(3, (oldRoot[3] ?? 0) ^ 1);
        assert.ok(!verifyConsistency(oldSize, size, proof, wrong, root));
      }),
      { numRuns: 300 },
    );
    for (const [at, size] of SIZES.entries()) {
      for (const older of SIZES.slice(0, at + 1)) {
        const oldRoot = roots.get(older) ?? assert.fail();
        assert.deepEqual(Buffer.from(await rootFromTiles(fetch, older, size)), oldRoot);
      }
    }
  });

  it('is nothing about the empty tree, whose root is known', async () => {
    assert.deepEqual(await rootFromTiles(fetch, 0, 257), EMPTY_ROOT);
    assert.deepEqual(await proveGrowthFromTiles(fetch, 0, 257), []);
    await assert.rejects(proveGrowthFromTiles(fetch, 258, 257), { code: 'proof_impossible' });
  });
});
