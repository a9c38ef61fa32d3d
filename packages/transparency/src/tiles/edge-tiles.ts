// What tiles will hold and do not yet: for each stored level the hashes since the last full tile
// that was published, and the entries likewise. Integration only writes these out; nothing is
// hashed or copied a second time. Levels here count tiles: level 1 holds the roots of full level-0
// tiles.

import { HASH_BYTES } from '@countersign/verifier';
import { subtreeRoot } from '../tree/seal-subtree.ts';
import { GrowingBundle, GrowingHashTile, type GrowingTile } from './growing-tile.ts';
import { TILE_WIDTH, type TilePlace } from './tile-path.ts';

export interface TileFile extends TilePlace {
  bytes: Buffer;
}

/** Tiles in a row, of which those before `firstTile` were let go. */
interface Row<Tile> {
  firstTile: number;
  tiles: Tile[];
}

/** How many hashes tile level `level` has in a tree of `size` leaves. */
export function countAtLevel(size: number, level: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/** Tile levels that have any hash in a tree of `size` leaves. */
export function tileLevels(size: number): number[] {
  const levels: number[] = [];
  for (let level = 0; countAtLevel(size, level) > 0; level += 1) levels.push(level);
  return levels;
}

export class EdgeTiles {
  readonly #hashes: Row<GrowingHashTile>[] = [];
  readonly #entries: Row<GrowingBundle>;

  /**
   * @param size leaves so far
   * @param readHashes hashes of the last, partial tile of a level; only asked where there is one
   * @param readEntries entries of the last, partial bundle; only asked where there is one
   */
  constructor(
    size = 0,
    readHashes: (level: number) => Uint8Array[] = () => [],
    readEntries: () => Uint8Array[] = () => [],
  ) {
    for (const level of tileLevels(size)) {
      const count = countAtLevel(size, level);
      this.#hashes.push({ firstTile: Math.floor(count / TILE_WIDTH), tiles: [] });
      if (count % TILE_WIDTH !== 0) {
        for (const hash of readHashes(level)) this.addHashes(level, hash);
      }
    }
    this.#entries = { firstTile: Math.floor(size / TILE_WIDTH), tiles: [] };
    if (size % TILE_WIDTH !== 0) for (const entry of readEntries()) this.addEntry(entry);
  }

  /** Entries held in memory. */
  get heldEntries(): number {
    const { tiles } = this.#entries;
    return Math.max(0, tiles.length - 1) * TILE_WIDTH + (tiles.at(-1)?.width ?? 0);
  }

  addEntry(entry: Uint8Array): void {
    growing(this.#entries, () => new GrowingBundle()).add(entry);
  }

  /** @param hashes one after the other, 32 bytes each */
  addHashes(level: number, hashes: Uint8Array): void {
    this.#hashes[level] ??= { firstTile: 0, tiles: [] };
    const row = this.#hashes[level];
    const count = hashes.length / HASH_BYTES;
    for (let from = 0; from < count; ) {
      const tile = growing(row, () => new GrowingHashTile());
      const fits = Math.min(count - from, TILE_WIDTH - tile.width);
      tile.add(hashes, from, fits);
      from += fits;
    }
  }

  /** Entries from `start` as far as `end` that are still held; undefined when `start` is not. */
  entries(start: number, end: number): Uint8Array[] | undefined {
    const { firstTile, tiles } = this.#entries;
    if (start < firstTile * TILE_WIDTH) return undefined;
    const held: Uint8Array[] = [];
    const last = Math.min(end, firstTile * TILE_WIDTH + this.heldEntries);
    for (let index = start; index < last; index += 1) {
      const bundle = tiles[Math.floor(index / TILE_WIDTH) - firstTile] as GrowingBundle;
      held.push(bundle.entry(index % TILE_WIDTH));
    }
    return held;
  }

  /**
   * For each set bit of `size`, the hash of the complete subtree there: the compact range from
   * which the tree grows on.
   */
  compactRange(size: number): (Uint8Array | undefined)[] {
    const range: (Uint8Array | undefined)[] = [];
    for (let level = 0; 2 ** level <= size; level += 1) {
      const node = Math.floor(size / 2 ** level);
      if (node % 2 === 0) range.push(undefined);
      else range.push(this.#subtreeHash(level, node - 1));
    }
    return range;
  }

  /**
   * Every file that a tree of `size` leaves has and one of `published` leaves has not. Views, which
   * stay true until these tiles are forgotten and after.
   */
  filesBetween(published: number, size: number): TileFile[] {
    const files: TileFile[] = [];
    for (const level of tileLevels(size)) {
      const row = this.#hashes[level] as Row<GrowingHashTile>;
      const [from, to] = [countAtLevel(published, level), countAtLevel(size, level)];
      for (const tile of tilesOf(row, from, to)) files.push({ level, ...tile });
    }
    for (const tile of tilesOf(this.#entries, published, size)) {
      files.push({ level: 'entries', ...tile });
    }
    return files;
  }

  /** Lets go of what lies in tiles that are full in a tree of `size` leaves. */
  forget(size: number): void {
    this.#hashes.forEach((row, level) => {
      dropBefore(row, Math.floor(countAtLevel(size, level) / TILE_WIDTH));
    });
    dropBefore(this.#entries, Math.floor(size / TILE_WIDTH));
  }

  #subtreeHash(level: number, node: number): Uint8Array {
    const row = this.#hashes[Math.floor(level / 8)] as Row<GrowingHashTile>;
    const span = 2 ** (level % 8);
    const first = node * span;
    const tile = row.tiles[Math.floor(first / TILE_WIDTH) - row.firstTile] as GrowingHashTile;
    const bytes = tile.bytes(TILE_WIDTH);
    const hashes = Array.from({ length: span }, (_, at) => {
      const start = ((first % TILE_WIDTH) + at) * HASH_BYTES;
      return bytes.subarray(start, start + HASH_BYTES);
    });
    return Buffer.from(subtreeRoot(hashes));
  }
}

/** The last tile of a row, or a new one when that is full. */
function growing<Tile extends GrowingTile>(row: Row<Tile>, make: () => Tile): Tile {
  const last = row.tiles.at(-1);
  if (last !== undefined && last.width < TILE_WIDTH) return last;
  const tile = make();
  row.tiles.push(tile);
  return tile;
}

function* tilesOf(
  row: Row<GrowingTile>,
  from: number,
  to: number,
): Generator<{ index: number; width: number; bytes: Buffer }> {
  if (from === to) return;
  for (let index = Math.floor(from / TILE_WIDTH); index * TILE_WIDTH < to; index += 1) {
    const width = Math.min(TILE_WIDTH, to - index * TILE_WIDTH);
    const tile = row.tiles[index - row.firstTile] as GrowingTile;
    yield { index, width, bytes: tile.bytes(width) };
  }
}

function dropBefore(row: Row<GrowingTile>, tile: number): void {
  row.tiles.splice(0, tile - row.firstTile);
  row.firstTile = tile;
}
