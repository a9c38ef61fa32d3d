// Whether two signed checkpoints can be of one append-only log (RFC 9162 §2.1.4). The proof is made
// from tiles; bad tiles prove nothing, two honest roots that disagree prove a fork.

import { equalBytes } from '../bytes/compare-bytes.ts';
import { FetchFailure } from '../http/fetch-bounded.ts';
import { hashRange, nodesOfRange, planConsistency, proveConsistency } from '../merkle/prove.ts';
import { verifyConsistency } from '../merkle/verify-consistency.ts';
import type { Checkpoint } from '../note/checkpoint.ts';
import type { TileStore } from './fetch-tiles.ts';

/**
 * True when `newer` extends `older`, false when the log forked.
 * @throws FetchFailure when the tiles are missing or are not of the newer tree
 */
export async function isExtension(
  older: Checkpoint,
  newer: Checkpoint,
  tiles: TileStore,
): Promise<boolean> {
  if (older.size === newer.size) return equalBytes(older.root, newer.root);
  // Every tree extends the empty one.
  if (older.size === 0) return true;
  const before = { start: 0, end: older.size };
  const ranges = [before, ...planConsistency(before, newer.size)];
  const reader = await tiles.reader(ranges.flatMap(nodesOfRange), newer.size);
  const proof = proveConsistency(before, newer.size, reader);
  const rootInTiles = hashRange(before, reader);
  if (!verifyConsistency(older.size, newer.size, proof, rootInTiles, newer.root)) {
    tiles.forget();
    throw new FetchFailure('unreachable', "The log's tiles do not belong to its checkpoint.");
  }
  return equalBytes(rootInTiles, older.root);
}
