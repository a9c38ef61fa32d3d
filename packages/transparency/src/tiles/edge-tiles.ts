// What tiles will hold and do not yet: for each stored level the hashes since the last full tile
// that was published, and the entries likewise. Integration only writes these out; nothing is
// hashed a second time. Levels here count tiles: level 1 holds the roots of full level-0 tiles.

import { sealSubtree } from '../tree/seal-subtree.ts';
import { encodeBundle } from './entry-bundle.ts';
import { TILE_WIDTH, type TilePlace } from './tile-path.ts';

export interface TileFile extends TilePlace {
  bytes: Buffer;
}

/** A row of items of which those in tiles before `firstTile` were let go. */
interface Row {
  firstTile: number;
  items: Uint8Array[];
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
  readonly #hashes: Row[] = [];
  readonly #entries: Row;

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
      const items = count % TILE_WIDTH === 0 ? [] : readHashes(level);
      this.#hashes.push({ firstTile: Math.floor(count / TILE_WIDTH), items });
    }
    const items = size % TILE_WIDTH === 0 ? [] : readEntries();
    this.#entries = { firstTile: Math.floor(size / TILE_WIDTH), items };
  }

  /** Entries held in memory. */
  get heldEntries(): number {
    return this.#entries.items.length;
  }

  addEntry(entry: Uint8Array): void {
    this.#entries.items.push(entry);
  }

  addHash(level: number, hash: Uint8Array): void {
    let row = this.#hashes[level];
    if (row === undefined) {
      row = { firstTile: 0, items: [] };
      this.#hashes[level] = row;
    }
    row.items.push(hash);
  }

  /** Entries from `start` as far as `end` that are still held; undefined when `start` is not. */
  entries(start: number, end: number): Uint8Array[] | undefined {
    const first = this.#entries.firstTile * TILE_WIDTH;
    return start < first ? undefined : this.#entries.items.slice(start - first, end - first);
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

  /** Every file that a tree of `size` leaves has and one of `published` leaves has not. */
  filesBetween(published: number, size: number): TileFile[] {
    const files: TileFile[] = [];
    for (const level of tileLevels(size)) {
      const row = this.#hashes[level] as Row;
      const [from, to] = [countAtLevel(published, level), countAtLevel(size, level)];
      for (const { index, width, items } of tilesOf(row, from, to)) {
        files.push({ level, index, width, bytes: Buffer.concat(items) });
      }
    }
    for (const { index, width, items } of tilesOf(this.#entries, published, size)) {
      files.push({ level: 'entries', index, width, bytes: encodeBundle(items) });
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
    const row = this.#hashes[Math.floor(level / 8)] as Row;
    const span = 2 ** (level % 8);
    const first = node * span - row.firstTile * TILE_WIDTH;
    return sealSubtree(row.items.slice(first, first + span)).root;
  }
}

function* tilesOf(
  row: Row,
  from: number,
  to: number,
): Generator<{ index: number; width: number; items: Uint8Array[] }> {
  if (from === to) return;
  for (let index = Math.floor(from / TILE_WIDTH); index * TILE_WIDTH < to; index += 1) {
    const width = Math.min(TILE_WIDTH, to - index * TILE_WIDTH);
    const start = (index - row.firstTile) * TILE_WIDTH;
    yield { index, width, items: row.items.slice(start, start + width) };
  }
}

function dropBefore(row: Row, tile: number): void {
  row.items.splice(0, (tile - row.firstTile) * TILE_WIDTH);
  row.firstTile = tile;
}
