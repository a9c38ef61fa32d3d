// One dump through the gate. Whoever can write to the inbox is taken for the thief: links, pipes, other
// people's files under a second name, a file that is changed behind the scan's back.

import {
  type BigIntStats,
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Finder, redact } from '@countersign/keyscan';
import { copyAndScan, type Scanned } from './copy-and-scan.ts';
import type { FreshFinders } from './fresh-finders.ts';
import { type GateFolders, syncFolder } from './gate-folders.ts';
import {
  type BlockReason,
  type GatePlace,
  type GateRecord,
  recordOf,
  reportOf,
} from './gate-record.ts';
import { placeDump, quarantineName, tellServer, writeDurably } from './place-dump.ts';
import { type Arrival, identify } from './watch-inbox.ts';

export interface GateParts {
  folders: GateFolders;
  finders: FreshFinders;
  place: GatePlace;
  /** Release a copy with zeros in place of what was found. */
  redacts: boolean;
  longestBytes: number;
}

/** Undefined when it changed meanwhile: it waits for another turn. */
export type Passed = GateRecord[] | undefined;

const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/** @throws what the system said: the dump stays where it is */
export async function passDump(parts: GateParts, arrival: Arrival): Promise<Passed> {
  const finders = parts.finders.read();
  const objection = objectTo(arrival.stats, parts.longestBytes);
  if (objection !== undefined) return turnAway(parts, arrival, objection, finders);
  let source: number;
  try {
    source = openSync(arrival.path, OPEN_FLAGS);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // Gone, or a link by now: looked at anew.
    if (code === 'ENOENT' || code === 'ELOOP') return undefined;
    if (code === 'EACCES' || code === 'EPERM')
      return turnAway(parts, arrival, 'unreadable', finders);
    throw error;
  }
  try {
    if (identify(fstatSync(source, { bigint: true })) !== identify(arrival.stats)) return undefined;
    return await judge(parts, arrival, source, finders);
  } finally {
    closeSync(source);
  }
}

function objectTo(stats: BigIntStats, longestBytes: number): BlockReason | undefined {
  if (!stats.isFile()) return 'not_a_file';
  // A second name of a file that its writer may not read himself would leave through us.
  if (stats.nlink !== 1n) return 'linked';
  return stats.size > BigInt(longestBytes) ? 'too_large' : undefined;
}

async function judge(
  parts: GateParts,
  arrival: Arrival,
  source: number,
  finders: readonly Finder[],
): Promise<Passed> {
  const { folders, place } = parts;
  const copy = join(folders.work, 'copy');
  rmSync(copy, { force: true });
  const scanned = await copyAndScan(source, copy, finders);
  // Whole: it is as it was when the reading began, and nothing new is to be looked for.
  const after = fstatSync(source, { bigint: true });
  if (identify(after) !== identify(arrival.stats) || parts.finders.areStale()) {
    rmSync(copy, { force: true });
    return undefined;
  }
  const reason = blockReason(scanned);
  if (reason === undefined) {
    const record = recordOf(
      arrival,
      { outcome: 'released', reason: null },
      scanned,
      place,
      finders,
    );
    // A key in the name leaves with the name.
    if (record.name === arrival.name) {
      placeDump(folders, record, copy, arrival);
      return [record];
    }
  }
  const clean = parts.redacts ? await releaseRedacted(parts, arrival, copy, scanned, finders) : [];
  const verdict = { outcome: 'blocked', reason: reason ?? 'private_key' } as const;
  const record = recordOf(arrival, verdict, scanned, place, finders);
  writeReport(folders, record, scanned, finders);
  placeDump(folders, record, copy, arrival);
  return [...clean, record];
}

function blockReason({ finds, unread, unlisted }: Scanned): BlockReason | undefined {
  if (finds.some(({ kid }) => kid !== undefined)) return 'live_key';
  if (finds.length > 0) return 'private_key';
  return unread.length > 0 || unlisted > 0 ? 'unreadable' : undefined;
}

/** The copy of the copy, scanned like any other; nothing when it cannot be called clean. */
async function releaseRedacted(
  { folders, place }: GateParts,
  arrival: Arrival,
  copy: string,
  { finds, unread, unlisted }: Scanned,
  finders: readonly Finder[],
): Promise<GateRecord[]> {
  const inside = finds.some(({ container }) => container.length > 0);
  if (finds.length === 0 || inside || unread.length > 0 || unlisted > 0) return [];
  const clean = join(folders.work, 'clean');
  rmSync(clean, { force: true });
  const source = openSync(copy, 'r');
  try {
    const zero = (chunk: Buffer, at: number): void => redact(chunk, at, finds);
    const again = await copyAndScan(source, clean, finders, zero);
    const verdict = { outcome: 'released', reason: null, redacted: true } as const;
    const record = recordOf(arrival, verdict, again, place, finders);
    if (blockReason(again) !== undefined || record.name !== arrival.name) return [];
    placeDump(folders, record, clean, undefined);
    return [record];
  } finally {
    closeSync(source);
    rmSync(clean, { force: true });
  }
}

/** What must not even be opened: moved as it is, or left where it is when that cannot be done. */
function turnAway(
  { folders, place }: GateParts,
  arrival: Arrival,
  reason: BlockReason,
  finders: readonly Finder[],
): Passed {
  const record = recordOf(arrival, { outcome: 'blocked', reason }, undefined, place, finders);
  const target = join(folders.quarantine, quarantineName(record));
  writeReport(folders, record, undefined, finders);
  tellServer(folders, record);
  try {
    renameSync(arrival.path, target);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return [record];
    // Another disk, or a folder that is not ours to move: it stays, and nothing reads it.
    if (code === 'EXDEV' || code === 'EACCES' || code === 'EPERM') return [record];
    throw error;
  }
  const moved = lstatSync(target);
  if (moved.isDirectory()) chmodSync(target, OWNER_ONLY_FOLDER);
  // The mode of a file with two names belongs to the other one, too.
  else if (moved.isFile() && moved.nlink === 1) chmodSync(target, OWNER_ONLY);
  syncFolder(folders.quarantine);
  return [record];
}

function writeReport(
  { quarantine }: GateFolders,
  record: GateRecord,
  scanned: Scanned | undefined,
  finders: readonly Finder[],
): void {
  const path = join(quarantine, `${quarantineName(record)}.report.json`);
  writeDurably(path, reportOf(record, scanned, finders));
}
