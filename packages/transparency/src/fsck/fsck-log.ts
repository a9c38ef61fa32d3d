// Recomputes a log from its entries, without its keys and without writing anything, and says the
// first difference from what is stored, shown and signed. Entries stream by, so that a log of any
// size takes the same memory; a log that is at work may be checked as well as one that has stopped.

import { encodeHex, equalBytes, hashLeaf } from '@countersign/verifier';
import type { DiskReader } from '../disk/log-disk.ts';
import { nodeDisk } from '../disk/node-disk.ts';
import { HEAD_FILE } from '../log/head-file.ts';
import { CHECKPOINT_PATH } from '../log/publish.ts';
import { PUBLIC_FOLDER } from '../log/recover-state.ts';
import { LEVELS_PER_TILE } from '../tiles/read-tiles.ts';
import { formatTilePath, TILE_WIDTH } from '../tiles/tile-path.ts';
import { GrowingTree } from '../tree/growing-tree.ts';
import type { RecoveredWal } from '../wal/recover-wal.ts';
import { Difference, type FsckReport } from './fsck-report.ts';
import { PublishedFiles } from './published-files.ts';
import { type LogClaims, readClaims } from './read-claims.ts';

export interface FsckOptions {
  /** Told after every bundle. */
  onProgress?(entriesDone: number, entriesTotal: number): void;
}

/**
 * Checks the log in a folder: identity, key files, head, checkpoint and its signatures, WAL,
 * bundles, tiles, roots.
 */
export async function fsckLog(folder: string, options: FsckOptions = {}): Promise<FsckReport> {
  return fsckDisk(nodeDisk(folder), options);
}

/** As `fsckLog`, on any disk. */
export async function fsckDisk(reader: DiskReader, options: FsckOptions): Promise<FsckReport> {
  const report: FsckReport = {
    sound: true,
    origin: '',
    entries: 0,
    shownSize: 0,
    walEntries: 0,
    tiles: 0,
    remarks: [],
  };
  const files = new PublishedFiles(reader);
  try {
    const claims = await readClaims(reader);
    const walStart = claims.wal.segments[0]?.header.firstIndex ?? 0;
    report.origin = claims.identity.origin;
    report.shownSize = claims.shown?.size ?? 0;
    report.walEntries = (claims.wal.segments.at(-1)?.endIndex ?? walStart) - walStart;
    report.remarks = claims.remarks;
    recompute(claims, files, (done) => {
      report.entries = done;
      options.onProgress?.(done, claims.head.size);
    });
  } catch (error) {
    if (!(error instanceof Difference)) throw error;
    report.sound = false;
    report.difference = error.finding;
  }
  report.tiles = files.compared;
  return report;
}

function recompute(
  claims: LogClaims,
  files: PublishedFiles,
  onBundle: (done: number) => void,
): void {
  const { head, shown } = claims;
  const rows = new TileRows(files);
  const tree = new GrowingTree((level, hash) => rows.add(level / LEVELS_PER_TILE, hash));
  const wal = walEntries(claims.wal);
  let logged = wal.next().value;
  const checkShown = (): void => {
    if (shown?.size === tree.size) checkRoot(CHECKPOINT_PATH, tree, shown.root);
  };
  checkShown();
  for (let index = 0; index * TILE_WIDTH < head.size; index += 1) {
    const width = Math.min(TILE_WIDTH, head.size - index * TILE_WIDTH);
    for (const entry of files.readBundle(index, width)) {
      if (logged?.index === tree.size) {
        if (!equalBytes(logged.entry, entry)) throw otherThanLogged(index, logged, entry);
        logged = wal.next().value;
      }
      tree.push(0, hashLeaf(entry));
      checkShown();
    }
    onBundle(tree.size);
  }
  rows.checkRest();
  checkRoot(HEAD_FILE, tree, head.root);
}

/** Hashes of each level that wait for their tile to be complete. */
class TileRows {
  readonly #files: PublishedFiles;
  readonly #rows: { index: number; hashes: Uint8Array[] }[] = [];

  constructor(files: PublishedFiles) {
    this.#files = files;
  }

  add(level: number, hash: Uint8Array): void {
    this.#rows[level] ??= { index: 0, hashes: [] };
    const row = this.#rows[level];
    row.hashes.push(hash);
    if (row.hashes.length < TILE_WIDTH) return;
    this.#files.checkHashes(level, row.index, row.hashes);
    this.#rows[level] = { index: row.index + 1, hashes: [] };
  }

  /** The partial tiles at the right edge. */
  checkRest(): void {
    this.#rows.forEach(({ index, hashes }, level) => {
      if (hashes.length > 0) this.#files.checkHashes(level, index, hashes);
    });
  }
}

interface LoggedEntry {
  index: number;
  entry: Uint8Array;
}

function* walEntries(wal: RecoveredWal): Generator<LoggedEntry, undefined> {
  for (const { records } of wal.segments) {
    for (const { firstIndex, entries } of records) {
      for (const [at, entry] of entries.entries()) yield { index: firstIndex + at, entry };
    }
  }
}

function otherThanLogged(bundle: number, logged: LoggedEntry, entry: Uint8Array): Difference {
  const place = { level: 'entries', index: bundle, width: TILE_WIDTH } as const;
  return new Difference({
    what: 'entry_differs',
    path: `${PUBLIC_FOLDER}/${formatTilePath(place)}`,
    index: logged.index,
    expected: encodeHex(logged.entry),
    found: encodeHex(entry),
    message: 'The entry in the bundle is not the one in the WAL.',
  });
}

function checkRoot(path: string, tree: GrowingTree, signed: Uint8Array): void {
  const root = tree.root();
  if (equalBytes(root, signed)) return;
  throw new Difference({
    what: 'root_differs',
    path,
    index: tree.size,
    expected: encodeHex(signed),
    found: encodeHex(root),
    message: `The entries do not have the root that was signed for ${tree.size} of them.`,
  });
}
