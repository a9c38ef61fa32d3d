// Brings a dump to where it belongs, so that a gate that is killed at any moment either has decided, and
// goes on from there, or has not, and looks again. Nothing gets its name among the released before the
// decision is on disk.

import {
  chmodSync,
  closeSync,
  copyFileSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type GateFolders, syncFolder } from './gate-folders.ts';
import type { GateRecord } from './gate-record.ts';
import { type Arrival, identify } from './watch-inbox.ts';

/** A record on its way: where its file goes, and what then is to be taken out of the inbox. */
export interface Plan {
  record: GateRecord;
  target: string;
  /** Inode of the copy: tells after a crash whether it has reached its place. */
  inode: string;
  original?: { path: string; identity: string };
}

const PLANNED = '.planned';
const READY = '.json';
const OWNER_ONLY = 0o600;
const GROUP_MAY_READ = 0o640;
const LONGEST_NAME = 160;

/**
 * @param copy in the work folder, whole and synced
 * @param original taken out of the inbox once the copy is in its place
 */
export function placeDump(
  folders: GateFolders,
  record: GateRecord,
  copy: string,
  original: Arrival | undefined,
): string {
  const released = record.outcome === 'released';
  const folder = released ? folders.released : folders.quarantine;
  const near = bringNear(copy, folder, record.id);
  chmodSync(near, released ? GROUP_MAY_READ : OWNER_ONLY);
  const target = freeName(folder, released ? safeName(record.name) : quarantineName(record));
  const planned = join(folders.outbox, record.id + PLANNED);
  const plan: Plan = {
    ...{ record, target, inode: String(statSync(near).ino) },
    ...(original === undefined
      ? {}
      : {
          original: {
            path: original.path.toString('latin1'),
            identity: identify(original.stats),
          },
        }),
  };
  writeDurably(planned, JSON.stringify(plan));
  // Never over a file that is there: `link` fails where `rename` would replace.
  linkSync(near, target);
  rmSync(near);
  syncFolder(folder);
  finish(folders, plan);
  return target;
}

/** What a gate that was killed had decided: carried on or forgotten, before anything else is done. */
export function finishPlaced(folders: GateFolders): void {
  for (const name of readdirSync(folders.outbox)) {
    if (!name.endsWith(PLANNED)) continue;
    const path = join(folders.outbox, name);
    const plan = readPlan(path);
    const there = plan && lstatSync(plan.target, { throwIfNoEntry: false });
    if (plan !== undefined && there !== undefined && String(there.ino) === plan.inode)
      finish(folders, plan);
    else rmSync(path);
  }
}

/** Leaves a record for the server. Durable once it returns. */
export function tellServer({ outbox }: GateFolders, record: GateRecord): void {
  writeDurably(join(outbox, record.id + READY), JSON.stringify(record));
}

export function isRecordFile(name: string): boolean {
  return name.endsWith(READY);
}

export function quarantineName({ id, name }: GateRecord): string {
  return `${id.slice(0, 12)}-${safeName(name)}`;
}

/** Durable once it returns. */
export function writeDurably(path: string, text: string): void {
  const unfinished = `${path}.new`;
  writeFileSync(unfinished, text, { mode: OWNER_ONLY, flush: true });
  renameSync(unfinished, path);
  syncFolder(dirname(path));
}

function finish(folders: GateFolders, { record, target, original }: Plan): void {
  if (original !== undefined) takeOut(original);
  tellServer(folders, record);
  rmSync(join(folders.outbox, record.id + PLANNED), { force: true });
  rmSync(nearName(dirname(target), record.id), { force: true });
}

/** Only what was looked at: whatever came under this name since then waits for its own turn. */
function takeOut({ path, identity }: NonNullable<Plan['original']>): void {
  const raw = Buffer.from(path, 'latin1');
  const stats = lstatSync(raw, { bigint: true, throwIfNoEntry: false });
  if (stats !== undefined && identify(stats) === identity) unlinkSync(raw);
}

/** On the disk of its folder, so that it gets its name in one step. */
function bringNear(copy: string, folder: string, id: string): string {
  if (statSync(copy).dev === statSync(folder).dev) return copy;
  const near = nearName(folder, id);
  rmSync(near, { force: true });
  copyFileSync(copy, near);
  const descriptor = openSync(near, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
  rmSync(copy);
  return near;
}

function nearName(folder: string, id: string): string {
  return join(folder, `.${id}.unfinished`);
}

function freeName(folder: string, name: string): string {
  for (let at = 1; ; at += 1) {
    const path = join(folder, at === 1 ? name : `${name}.${at}`);
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return path;
  }
}

/** A name that no shell, no log and no browser takes for anything else. */
function safeName(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._@+=,-]/g, '_').replace(/^[.-]/, '_');
  return plain.slice(0, LONGEST_NAME) || '_';
}

function readPlan(path: string): Plan | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Plan;
  } catch {
    return undefined;
  }
}
