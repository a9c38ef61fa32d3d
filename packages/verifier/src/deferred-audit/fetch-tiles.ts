// Tiles of one log, fetched and kept within a bound. Nothing from a tile is believed here: proofs
// made of its hashes are checked against a signed root by whoever asked.

import { FetchFailure, fetchBounded } from '../http/fetch-bounded.ts';
import { HASH_BYTES, hashNode } from '../merkle/hash-node.ts';
import type { NodeReader, TreeNode } from '../merkle/prove.ts';
import type { FetchLike } from '../ports.ts';
import { TILE_HEIGHT, TILE_WIDTH, type TileAddress, tileHolding, tilePath } from './tile-path.ts';

export interface TileStoreOptions {
  /** Where `checkpoint` and `tile/…` are, without trailing slash. */
  url: string;
  fetch: FetchLike;
  signal: AbortSignal;
  timeoutMs: number;
  /** Tiles kept, at most 8 KiB each. */
  maxTiles: number;
}

export class TileStore {
  readonly #options: TileStoreOptions;
  // What is at a path never changes, partial tiles included. Least recently used go first.
  readonly #kept = new Map<string, Uint8Array>();

  constructor(options: TileStoreOptions) {
    this.#options = options;
  }

  /**
   * Fetches all that the nodes need in a tree of `size` leaves; the reader then has them at hand.
   * @throws FetchFailure when the log cannot be reached or does not have a tile
   */
  async reader(nodes: readonly TreeNode[], size: number): Promise<NodeReader> {
    const tiles = new Map<string, Uint8Array>();
    for (const node of nodes) {
      const address = tileOf(node, size);
      const path = tilePath(address);
      if (!tiles.has(path)) tiles.set(path, await this.#tile(address, path));
    }
    return (node) => {
      const tile = tiles.get(tilePath(tileOf(node, size)));
      if (tile === undefined) throw new FetchFailure('unreachable', 'A tile was not fetched.');
      return nodeFromTile(tile, node);
    };
  }

  /** Drops what was kept, when proofs made of it do not hold. */
  forget(): void {
    this.#kept.clear();
  }

  async #tile(address: TileAddress, path: string): Promise<Uint8Array> {
    const full = { ...address, width: TILE_WIDTH };
    const fullPath = tilePath(full);
    // A log may delete a partial tile once the full one exists (tlog-tiles): then ask for that.
    const tile =
      this.#recall(fullPath) ??
      this.#recall(path) ??
      (await this.#fetch(path, address.width)) ??
      (address.width < TILE_WIDTH ? await this.#fetch(fullPath, TILE_WIDTH) : undefined);
    if (tile !== undefined) return tile;
    throw new FetchFailure('unreachable', 'The log does not serve a tile of its own tree.');
  }

  #recall(path: string): Uint8Array | undefined {
    const tile = this.#kept.get(path);
    if (tile === undefined) return undefined;
    this.#kept.delete(path);
    this.#kept.set(path, tile);
    return tile;
  }

  /** The tile's bytes, undefined when the log says it has none. */
  async #fetch(path: string, width: number): Promise<Uint8Array | undefined> {
    const { url, fetch, signal, timeoutMs } = this.#options;
    const bytes = width * HASH_BYTES;
    const answer = await fetchBounded(`${url}/${path}`, {
      fetch,
      signal,
      timeoutMs,
      maxBytes: bytes,
    });
    if (answer.status === 404 || answer.status === 410) return undefined;
    if (answer.status !== 200 || answer.bytes.length !== bytes) {
      throw new FetchFailure('unreachable', `The log answered ${answer.status} for a tile.`);
    }
    this.#keep(path, answer.bytes);
    return answer.bytes;
  }

  #keep(path: string, tile: Uint8Array): void {
    this.#kept.set(path, tile);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.#options.maxTiles && oldest !== undefined) {
      this.#kept.delete(oldest);
    }
  }
}

function tileOf({ level, index }: TreeNode, size: number): TileAddress {
  const tileLevel = Math.floor(level / TILE_HEIGHT);
  const firstPosition = index * 2 ** (level % TILE_HEIGHT);
  return tileHolding(tileLevel, firstPosition, size);
}

/** A node of any level, folded from the hashes of the tile it lies in. */
function nodeFromTile(tile: Uint8Array, { level, index }: TreeNode): Uint8Array {
  const span = 2 ** (level % TILE_HEIGHT);
  const first = (index * span) % TILE_WIDTH;
  let hashes = Array.from({ length: span }, (_, at) =>
    tile.subarray((first + at) * HASH_BYTES, (first + at + 1) * HASH_BYTES),
  );
  while (hashes.length > 1) {
    const parents: Uint8Array[] = [];
    for (let at = 0; at < hashes.length; at += 2) {
      parents.push(hashNode(hashes[at] ?? new Uint8Array(0), hashes[at + 1] ?? new Uint8Array(0)));
    }
    hashes = parents;
  }
  return hashes[0] ?? new Uint8Array(0);
}
