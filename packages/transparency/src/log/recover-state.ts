// Brings the log back at start from its WAL, over the tiles that were published before the WAL
// begins, and checks every byte of that against the last signed checkpoint. Tiles that a crash
// lost or damaged within that stretch are written again.

import { equalBytes } from '@countersign/verifier';
import { isCodedError } from '@countersign/vocabulary';
import type { LogDisk } from '../disk/log-disk.ts';
import { countAtLevel, EdgeTiles, type TileFile, tileLevels } from '../tiles/edge-tiles.ts';
import { readBundle, readHashTile, tileAt } from '../tiles/read-tiles.ts';
import { formatTilePath, partialFolder, TILE_WIDTH, type TilePlace } from '../tiles/tile-path.ts';
import { refusal } from '../transparency-error.ts';
import type { RecoveredWal } from '../wal/recover-wal.ts';
import type { Head } from './head-file.ts';
import { LogState } from './log-state.ts';
import { ignoreSteps, type OnStep } from './protocol-step.ts';

export const PUBLIC_FOLDER = 'public';

/** @throws CodedError `rollback`, `tiles_corrupt`, `log_forked` */
export async function recoverState(
  disk: LogDisk,
  wal: RecoveredWal,
  head: Head,
  onStep: OnStep = ignoreSteps,
): Promise<{ state: LogState; mendedTiles: number }> {
  const [first] = wal.segments;
  const last = wal.segments.at(-1);
  const base = first?.header.firstIndex ?? 0;
  if (base > head.size || (last?.endIndex ?? 0) < head.size) {
    throw refusal(
      'rollback',
      `The WAL holds entries ${base} to ${last?.endIndex ?? 0}, but a checkpoint of ${head.size} was signed. Restore the folder from a copy that holds everything the log acknowledged.`,
    );
  }
  const state = new LogState(await readEdge(disk, base, head.size), base);
  let mendedTiles = 0;
  const atHead = async (): Promise<void> => {
    if (!equalBytes(state.root(), head.root)) {
      throw refusal(
        'log_forked',
        `The entries up to ${head.size} do not have the root that was signed for that size.`,
      );
    }
    mendedTiles = await mendTiles(disk, state.edge.filesBetween(base, head.size), onStep);
    state.edge.forget(head.size);
  };
  if (state.size === head.size) await atHead();
  for (const entries of walGroups(wal)) {
    const toHead = state.size < head.size ? head.size - state.size : entries.length;
    state.replay(entries.slice(0, toHead));
    if (state.size === head.size) await atHead();
    state.replay(entries.slice(toHead));
  }
  return { state, mendedTiles };
}

function* walGroups(wal: RecoveredWal): Generator<readonly Uint8Array[]> {
  for (const { records } of wal.segments) {
    for (const { entries } of records) yield entries;
  }
}

/** The partial tiles at `base`, as the beginnings of what was published at `published`. */
async function readEdge(disk: LogDisk, base: number, published: number): Promise<EdgeTiles> {
  const fetch = (path: string): Promise<Buffer | undefined> =>
    disk.readLater(`${PUBLIC_FOLDER}/${path}`);
  const hashes = new Map<number, Uint8Array[]>();
  for (const level of tileLevels(base)) {
    const count = countAtLevel(base, level);
    if (count % TILE_WIDTH === 0) continue;
    const place = tileAt(level, Math.floor(count / TILE_WIDTH), published);
    const read = (form: TilePlace): Promise<Uint8Array[]> => readHashTile(fetch, form);
    hashes.set(level, await readBeginning(disk, place, count % TILE_WIDTH, read));
  }
  let entries: Uint8Array[] = [];
  if (base % TILE_WIDTH !== 0) {
    const place = tileAt('entries', Math.floor(base / TILE_WIDTH), published);
    const read = (form: TilePlace): Promise<Uint8Array[]> => readBundle(fetch, form);
    entries = await readBeginning(disk, place, base % TILE_WIDTH, read);
  }
  return new EdgeTiles(
    base,
    (level) => hashes.get(level) ?? [],
    () => entries,
  );
}

/**
 * The first `count` items of a tile, from the form of the newest tree or, when a crash lost that one,
 * from any other that reaches so far. Whether they are right the root will tell.
 */
async function readBeginning(
  disk: LogDisk,
  newest: TilePlace,
  count: number,
  read: (form: TilePlace) => Promise<Uint8Array[]>,
): Promise<Uint8Array[]> {
  const others = disk
    .list(`${PUBLIC_FOLDER}/${partialFolder(newest)}`)
    .map(Number)
    .filter((width) => width >= count && width < TILE_WIDTH && width !== newest.width);
  let failure: unknown;
  for (const width of [newest.width, ...others]) {
    try {
      return (await read({ ...newest, width })).slice(0, count);
    } catch (error) {
      if (!isCodedError(error) || error.code !== 'tiles_corrupt') throw error;
      failure ??= error;
    }
  }
  throw failure;
}

async function mendTiles(disk: LogDisk, files: TileFile[], onStep: OnStep): Promise<number> {
  let mended = 0;
  for (const tile of files) {
    const path = `${PUBLIC_FOLDER}/${formatTilePath(tile)}`;
    // At once, not later: nobody waits for this thread yet, and there are thousands of them.
    const found = disk.read(path);
    if (found?.equals(tile.bytes) === true) continue;
    await disk.replace(path, tile.bytes);
    mended += 1;
    onStep('open.tile-mended');
  }
  if (mended > 0) {
    await disk.settle();
    onStep('open.mending-settled');
  }
  return mended;
}
