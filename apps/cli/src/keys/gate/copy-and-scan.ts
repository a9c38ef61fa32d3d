// Copies a dump into a file that nobody else has open and scans the very bytes that are written: who
// still holds the original open, or changes it afterwards, changes nothing that leaves.

import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, ftruncateSync, openSync, read, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { type Find, type Finder, scanSource, type Unread } from '@countersign/keyscan';

export interface Scanned {
  bytes: number;
  /** Lower-case hex. */
  sha256: string;
  finds: Find[];
  unread: Unread[];
  /** Finds and unread things beyond those that are kept. */
  unlisted: number;
}

const CHUNK_BYTES = 1 << 20;
const OWNER_ONLY = 0o600;
const MOST_LISTED = 10_000;
const ZEROS = Buffer.alloc(CHUNK_BYTES);
const readAsync = promisify(read);

/**
 * @param source descriptor; read from its beginning
 * @param copy path that must not exist; undefined to scan only
 * @throws what the system said of reading or writing
 */
export async function copyAndScan(
  source: number,
  copy: string | undefined,
  finders: readonly Finder[],
  change: (chunk: Buffer, at: number) => void = () => {},
): Promise<Scanned> {
  const target = copy === undefined ? undefined : openSync(copy, 'wx', OWNER_ONLY);
  const hash = createHash('sha256');
  const scanned: Scanned = { bytes: 0, sha256: '', finds: [], unread: [], unlisted: 0 };
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      // Anew each time: the scan may keep what it was given.
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
      const { bytesRead } = await readAsync(source, buffer, 0, CHUNK_BYTES, scanned.bytes);
      if (bytesRead === 0) return;
      const chunk = buffer.subarray(0, bytesRead);
      change(chunk, scanned.bytes);
      hash.update(chunk);
      if (target !== undefined) writeChunk(target, chunk, scanned.bytes);
      scanned.bytes += bytesRead;
      yield chunk;
    }
  }
  const keep = <T>(list: T[], one: T): void => {
    if (list.length < MOST_LISTED) list.push(one);
    else scanned.unlisted += 1;
  };
  try {
    await scanSource(chunks(), {
      finders,
      onFind: (find) => keep(scanned.finds, find),
      onUnread: (unread) => keep(scanned.unread, unread),
    });
    if (target !== undefined) {
      ftruncateSync(target, scanned.bytes);
      fsyncSync(target);
    }
  } finally {
    if (target !== undefined) closeSync(target);
  }
  return { ...scanned, sha256: hash.digest('hex') };
}

/** Holes stay holes: a core is mostly those, and its copy must not fill the disk. */
function writeChunk(target: number, chunk: Buffer, at: number): void {
  if (ZEROS.subarray(0, chunk.length).equals(chunk)) return;
  for (let written = 0; written < chunk.length; )
    written += writeSync(target, chunk, written, chunk.length - written, at + written);
}
