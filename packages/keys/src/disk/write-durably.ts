// A small file appears whole or not at all, and stays after power is lost: temporary file, rename,
// then one more synchronous write, since a confined process may not fsync the folder.

import { closeSync, constants, linkSync, openSync, renameSync, unlinkSync } from 'node:fs';
import { writeFully } from './write-fully.ts';

export const TEMPORARY_SUFFIX = '.tmp';

/**
 * Writes `bytes` (at least one) to `path` with mode 0600 and returns when both the content and the
 * name are on disk.
 *
 * The last write repeats a byte through the descriptor that followed the rename. With O_SYNC it
 * returns only when the inode's latest transaction is committed, and on ext4, XFS and btrfs that
 * transaction holds the rename.
 */
export function writeDurably(path: string, bytes: Uint8Array): void {
  writeAndName(path, bytes, renameSync);
}

/**
 * As `writeDurably`, but never replaces a file.
 * @throws the system's error, `EEXIST` when the name is taken
 */
export function writeNewDurably(path: string, bytes: Uint8Array): void {
  writeAndName(path, bytes, (temporary, name) => {
    linkSync(temporary, name);
    unlinkSync(temporary);
  });
}

function writeAndName(
  path: string,
  bytes: Uint8Array,
  name: (temporary: string, path: string) => void,
): void {
  const temporary = path + TEMPORARY_SUFFIX;
  const { O_WRONLY, O_CREAT, O_TRUNC, O_SYNC } = constants;
  const fd = openSync(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_SYNC, 0o600);
  try {
    writeFully(fd, bytes, 0);
    name(temporary, path);
    writeFully(fd, bytes.subarray(-1), bytes.length - 1);
  } finally {
    closeSync(fd);
  }
}
