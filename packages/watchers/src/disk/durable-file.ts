// Whole files that survive kill -9 and a power cut: written beside, synced, renamed, and the folder
// synced. A reader sees the old file or the new one.

import {
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;
/** Behind the name of a file that is being written; left over only by a crash, then overwritten. */
const UNFINISHED = '.unfinished';

/** The whole file, undefined when there is none. */
export function readWhole(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND, O_SYNC } = constants;
/**
 * Node denies fsync to a confined process (the watchdog is one): there each write is synchronous, and
 * one more through the descriptor that followed a rename returns when that is on disk as well.
 */
const IS_CONFINED = process.permission !== undefined;
const SYNC_FLAG = IS_CONFINED ? O_SYNC : 0;

/** Makes a folder for this user alone, parents included, and syncs the name of it. */
export function makePrivateFolder(path: string): void {
  if (mkdirSync(path, { recursive: true, mode: PRIVATE_FOLDER }) === undefined) return;
  syncFolder(dirname(path));
}

/**
 * Puts these bytes, one at least, at `path`, durable once it resolves. Two calls for one path must not overlap.
 * @throws UncertainWrite when the new file may or may not be in place; otherwise what the disk
 *   throws, and the old file is untouched
 */
export async function replaceDurably(path: string, bytes: Uint8Array): Promise<void> {
  const unfinished = `${path}${UNFINISHED}`;
  const file = await open(unfinished, O_WRONLY | O_CREAT | O_TRUNC | SYNC_FLAG, PRIVATE_FILE);
  try {
    try {
      await writeAndSync(file, bytes);
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw error;
    }
    try {
      await rename(unfinished, path);
      if (IS_CONFINED) await file.write(bytes, bytes.length - 1, 1, bytes.length - 1);
      else await syncFolderLater(dirname(path));
    } catch (cause) {
      throw new UncertainWrite(path, cause);
    }
  } finally {
    await file.close();
  }
}

/** The rename was asked for and may or may not last: what the disk holds is unknown. */
export class UncertainWrite extends Error {
  constructor(path: string, cause: unknown) {
    super(`${path} may or may not have been replaced.`, { cause });
    this.name = 'UncertainWrite';
  }
}

/** True for the errors that pass when somebody makes room. */
export function isDiskFull(error: unknown): boolean {
  return isCode(error, 'ENOSPC') || isCode(error, 'EDQUOT');
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

async function writeAndSync(file: FileHandle, bytes: Uint8Array): Promise<void> {
  await file.writeFile(bytes);
  if (!IS_CONFINED) await file.sync();
}

async function syncFolderLater(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function syncFolder(path: string): void {
  if (IS_CONFINED) return;
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Adds bytes at the end of a file, made when missing; durable once it resolves. */
export async function appendDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, O_WRONLY | O_CREAT | O_APPEND | SYNC_FLAG, PRIVATE_FILE);
  try {
    await writeAndSync(file, bytes);
  } finally {
    await file.close();
  }
}
