// Reads hashes and entries back from published tiles, and proves from them. A partial tile may
// have been replaced by the full one, of which it is the beginning (C2SP tlog-tiles).

import {
  HASH_BYTES,
  hashRange,
  type LeafRange,
  type NodeReader,
  nodesOfRange,
  planConsistency,
  planInclusion,
  proveConsistency,
  proveInclusion,
  type TreeNode,
} from '@countersign/verifier';
import { refusal } from '../transparency-error.ts';
import { subtreeRoot } from '../tree/seal-subtree.ts';
import { countAtLevel } from './edge-tiles.ts';
import { decodeBundle } from './entry-bundle.ts';
import { formatTilePath, TILE_WIDTH, type TilePlace } from './tile-path.ts';

/** Bytes at a tile's path, undefined when there is no such file. */
export type TileFetcher = (path: string) => Promise<Buffer | undefined>;

export const LEVELS_PER_TILE = 8;

/** The place of tile `index` of a level in a tree of `size` leaves. */
export function tileAt(level: number | 'entries', index: number, size: number): TilePlace {
  const count = level === 'entries' ? size : countAtLevel(size, level);
  return { level, index, width: Math.min(TILE_WIDTH, count - index * TILE_WIDTH) };
}

/** The hashes of a tile. @throws CodedError `tiles_corrupt` when neither form of it is there */
export async function readHashTile(fetch: TileFetcher, place: TilePlace): Promise<Uint8Array[]> {
  return cutHashTile(await readEither(fetch, place), place);
}

/** The entries of a bundle. @throws CodedError `tiles_corrupt` */
export async function readBundle(
  fetch: TileFetcher,
  { index, width }: Pick<TilePlace, 'index' | 'width'>,
): Promise<Uint8Array[]> {
  const place: TilePlace = { level: 'entries', index, width };
  const { bytes, full } = await readEither(fetch, place);
  return decodeBundle(bytes, full ? TILE_WIDTH : width).slice(0, width);
}

/**
 * Inclusion proof of leaf `index` in the published tree of `size` leaves.
 * @throws FormatError `proof_impossible`; CodedError `tiles_corrupt`
 */
export async function proveFromTiles(
  fetch: TileFetcher,
  index: number,
  size: number,
): Promise<Uint8Array[]> {
  const tree = { start: 0, end: size };
  return proveInclusion(index, tree, await readNodes(fetch, planInclusion(index, tree), size));
}

/**
 * Consistency proof from the tree of `oldSize` leaves to the published tree of `size`.
 * @throws FormatError `proof_impossible`; CodedError `tiles_corrupt`
 */
export async function proveGrowthFromTiles(
  fetch: TileFetcher,
  oldSize: number,
  size: number,
): Promise<Uint8Array[]> {
  const old = { start: 0, end: oldSize };
  const read = await readNodes(fetch, planConsistency(old, size), size);
  return proveConsistency(old, size, read);
}

/**
 * Root of the tree of the first `size` leaves, from the tiles of a published tree that holds them.
 * @throws CodedError `tiles_corrupt`
 */
export async function rootFromTiles(
  fetch: TileFetcher,
  size: number,
  published: number,
): Promise<Uint8Array> {
  const tree = { start: 0, end: size };
  return hashRange(tree, await readNodes(fetch, [tree], published));
}

/** Fetches the tiles under some ranges of the tree, for reading the nodes they are made of. */
async function readNodes(
  fetch: TileFetcher,
  plan: readonly LeafRange[],
  size: number,
): Promise<NodeReader> {
  const places = new Map<string, TilePlace>();
  for (const node of plan.flatMap(nodesOfRange)) {
    const { tile } = placeOfNode(node, size);
    places.set(formatTilePath(tile), tile);
  }
  // A tile or two a level: few enough to ask for all at once.
  const asked = [...places].map(
    async ([path, place]) => [path, await readHashTile(fetch, place)] as const,
  );
  const tiles = new Map(await Promise.all(asked));
  return (node) => {
    const { tile, start, end } = placeOfNode(node, size);
    const hashes = tiles.get(formatTilePath(tile)) ?? [];
    return subtreeRoot(hashes.slice(start, end));
  };
}

function placeOfNode(
  { level, index }: TreeNode,
  size: number,
): { tile: TilePlace; start: number; end: number } {
  const span = 2 ** (level % LEVELS_PER_TILE);
  const first = index * span;
  const tile = tileAt(Math.floor(level / LEVELS_PER_TILE), Math.floor(first / TILE_WIDTH), size);
  return { tile, start: first % TILE_WIDTH, end: (first % TILE_WIDTH) + span };
}

interface FoundTile {
  bytes: Buffer;
  full: boolean;
}

async function readEither(fetch: TileFetcher, place: TilePlace): Promise<FoundTile> {
  if (place.width < TILE_WIDTH) {
    const partial = await fetch(formatTilePath(place));
    if (partial !== undefined) return { bytes: partial, full: false };
  }
  const path = formatTilePath({ ...place, width: TILE_WIDTH });
  const bytes = await fetch(path);
  if (bytes === undefined) throw refusal('tiles_corrupt', `The log has no tile ${path}.`);
  return { bytes, full: true };
}

function cutHashTile({ bytes, full }: FoundTile, place: TilePlace): Uint8Array[] {
  const width = full ? TILE_WIDTH : place.width;
  if (bytes.length !== width * HASH_BYTES) {
    throw refusal('tiles_corrupt', `Tile ${formatTilePath(place)} has a wrong length.`);
  }
  return Array.from({ length: place.width }, (_, at) =>
    bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
  );
}
