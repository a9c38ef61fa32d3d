// Which leaf the log really holds at each index (RFC 9162 §2.1.3). One inclusion proof vouches for
// a whole tile: every other leaf of the tile is part of that proof's siblings.

import { FetchFailure } from '../http/fetch-bounded.ts';
import { nodesOfRange, planInclusion, proveInclusion } from '../merkle/prove.ts';
import { verifyInclusion } from '../merkle/verify-inclusion.ts';
import type { Checkpoint } from '../note/checkpoint.ts';
import type { TileStore } from './fetch-tiles.ts';
import { TILE_WIDTH } from './tile-path.ts';

/** Index of the level-0 tile a leaf lies in: leaves of one tile are read together. */
export function leafTile(index: number): number {
  return Math.floor(index / TILE_WIDTH);
}

/**
 * The leaf hashes at these indexes, all of one tile and all below the checkpoint's size.
 * @throws FetchFailure when the tiles are missing or are not of the checkpoint's tree
 */
export async function readLeaves(
  indexes: readonly number[],
  checkpoint: Checkpoint,
  tiles: TileStore,
): Promise<Map<number, Uint8Array>> {
  const [first] = indexes;
  if (first === undefined) return new Map();
  const tree = { start: 0, end: checkpoint.size };
  const siblings = planInclusion(first, tree).flatMap(nodesOfRange);
  const reader = await tiles.reader([{ level: 0, index: first }, ...siblings], checkpoint.size);
  const leaf = reader({ level: 0, index: first });
  const path = proveInclusion(first, tree, reader);
  if (!verifyInclusion(leaf, first, checkpoint.size, path, checkpoint.root)) {
    tiles.forget();
    throw new FetchFailure('unreachable', "The log's tiles do not belong to its checkpoint.");
  }
  return new Map(indexes.map((index) => [index, reader({ level: 0, index })]));
}
