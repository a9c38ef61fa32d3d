// Reads the entries of a log in order and believes none before it is under a signed root: each
// entry is hashed, held against its tile, folded into the tree, and every batch is tied to the
// checkpoint by a consistency proof. Tiles above the leaves are compared as they become complete.

import {
  equalBytes,
  hashLeaf,
  type RootAccumulator,
  TILE_HEIGHT,
  TILE_WIDTH,
  tileHolding,
  tilePath,
  verifyConsistency,
} from '@countersign/verifier';
import type { LogReader } from '../reader/log-reader.ts';
import { readPrefixProof } from '../reader/read-proof.ts';
import { RoundEnd } from './monitor-alarm.ts';

export interface SeenEntry {
  readonly index: number;
  readonly entry: Uint8Array;
  readonly leafHash: Uint8Array;
}

/** What of the log has been read. */
export interface ReadSoFar {
  /** Over all leaves of full bundles; its size is a multiple of 256. */
  readonly range: RootAccumulator;
  /** Leaf hashes read of the bundle after those. */
  readonly tail: readonly Uint8Array[];
}

export interface SignedTree {
  readonly size: number;
  readonly root: Uint8Array;
}

export interface ReadBatch {
  entries: SeenEntry[];
  read: ReadSoFar;
}

/** Bundles read before they are tied to the signed root: 4,096 entries, at most 268 MB of them. */
const BATCH_BUNDLES = 16;

export function readSize({ range, tail }: ReadSoFar): number {
  return range.size + tail.length;
}

/**
 * All entries from where reading stopped up to `end`, batch by batch, each verified to be in `tree`.
 * @param end the tree's size, or the end of its last full bundle to leave the partial one for later
 * @throws RoundEnd `entry_differs`, `tile_differs`, `root_differs`; as LogReader
 */
export async function* readBatches(
  reader: LogReader,
  from: ReadSoFar,
  tree: SignedTree,
  end: number,
): AsyncGenerator<ReadBatch> {
  let read = from;
  while (readSize(read) < end) {
    const first = read.range.size / TILE_WIDTH;
    const last = Math.min(Math.ceil(end / TILE_WIDTH), first + BATCH_BUNDLES);
    const batch = await readBatch(reader, read, tree, first, last);
    await tieToRoot(reader, batch.read, tree);
    yield batch;
    read = batch.read;
  }
}

/**
 * The tree without its last entries: their hashes alone, from the partial tile, must lead to the root
 * (tlog-tiles: who skips partial bundles must verify the checkpoint by the partial tile).
 * @throws RoundEnd; as LogReader
 */
export async function checkSkipped(
  reader: LogReader,
  read: ReadSoFar,
  { size, root }: SignedTree,
): Promise<void> {
  const range = read.range.copy();
  const width = size - range.size;
  if (width === read.tail.length) {
    // Nothing was skipped.
    for (const leaf of read.tail) range.add(leaf);
  } else if (width > 0) {
    const number = range.size / TILE_WIDTH;
    const hashes = await reader.hashes({ level: 0, number, width });
    checkTail(read, hashes, 'tile_differs');
    for (const hash of hashes) range.add(hash);
  }
  if (!equalBytes(range.root(), root)) throw rootDiffers(size);
}

async function readBatch(
  reader: LogReader,
  before: ReadSoFar,
  tree: SignedTree,
  first: number,
  last: number,
): Promise<ReadBatch> {
  const numbers = Array.from({ length: last - first }, (_, at) => first + at);
  const bundles = await inParallel(numbers, reader.parallel, async (number) => {
    const width = Math.min(TILE_WIDTH, tree.size - number * TILE_WIDTH);
    const entries = await reader.entries(number, width);
    return { number, entries, tile: await reader.hashes({ level: 0, number, width }) };
  });
  const completed: TileRow[] = [];
  const range = before.range.copy();
  const seen: SeenEntry[] = [];
  let tail = before.tail;
  for (const { number, entries, tile } of bundles) {
    const leaves = entries.map(hashLeaf);
    checkTail({ range, tail }, leaves, 'entry_differs');
    leaves.forEach((leafHash, at) => {
      const index = number * TILE_WIDTH + at;
      if (!equalBytes(leafHash, tile[at] as Uint8Array)) {
        throw new RoundEnd('entry_differs', 'An entry does not hash to its leaf in the tile.', {
          index,
        });
      }
      if (at >= tail.length) seen.push({ index, entry: entries[at] as Uint8Array, leafHash });
    });
    tail = leaves;
    if (leaves.length < TILE_WIDTH) break;
    for (const leaf of leaves) range.add(leaf, (...node) => noteCompleted(completed, ...node));
    tail = [];
  }
  await checkRows(reader, completed, tree.size);
  return { entries: seen, read: { range, tail } };
}

/** What was read of a bundle before must be how it begins now. */
function checkTail(
  { range, tail }: ReadSoFar,
  leaves: readonly Uint8Array[],
  code: 'entry_differs' | 'tile_differs',
): void {
  const at = tail.findIndex((leaf, place) => !equalBytes(leaf, leaves[place] as Uint8Array));
  if (at < 0) return;
  throw new RoundEnd(code, 'A leaf is not the one that was read before.', {
    index: range.size + at,
  });
}

async function tieToRoot(
  reader: LogReader,
  { range, tail }: ReadSoFar,
  { size, root }: SignedTree,
): Promise<void> {
  const whole = range.copy();
  for (const leaf of tail) whole.add(leaf);
  if (whole.size === size) {
    if (!equalBytes(whole.root(), root)) throw rootDiffers(size);
    return;
  }
  const prefix = await readPrefixProof(reader, whole.size, size);
  if (verifyConsistency(whole.size, size, prefix.proof, whole.root(), root)) return;
  throw rootDiffers(whole.size);
}

function rootDiffers(size: number): RoundEnd {
  return new RoundEnd('root_differs', 'The entries do not lead to the root that the log signed.', {
    size,
  });
}

/** Consecutive hashes of one level of tiles. */
interface TileRow {
  first: number;
  hashes: Uint8Array[];
}

function noteCompleted(rows: TileRow[], level: number, index: number, hash: Uint8Array): void {
  if (level === 0 || level % TILE_HEIGHT !== 0) return;
  const tileLevel = level / TILE_HEIGHT;
  rows[tileLevel] ??= { first: index, hashes: [] };
  rows[tileLevel].hashes.push(hash);
}

/** Holds what was folded against the tiles above the leaves. */
async function checkRows(reader: LogReader, rows: readonly TileRow[], size: number): Promise<void> {
  for (const [level, row] of rows.entries()) {
    if (row === undefined) continue;
    const end = row.first + row.hashes.length;
    for (let at = row.first; at < end; at = (Math.floor(at / TILE_WIDTH) + 1) * TILE_WIDTH) {
      const address = tileHolding(level, at, size);
      const tile = await reader.hashes(address);
      const offset = address.number * TILE_WIDTH;
      const until = Math.min(end, offset + TILE_WIDTH);
      for (let place = at; place < until; place += 1) {
        const folded = row.hashes[place - row.first] as Uint8Array;
        if (equalBytes(folded, tile[place - offset] ?? new Uint8Array(0))) continue;
        throw new RoundEnd('tile_differs', 'A tile is not made of the entries below it.', {
          tile: tilePath(address),
          hash: place,
        });
      }
    }
  }
}

/** Results in order, at most `limit` jobs under way. */
async function inParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  job: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) {
      results[at] = await job(items[at] as Item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  return results;
}
