// A write that is complete or throws. Every durable file of the signer goes through descriptors
// opened with O_SYNC or O_DSYNC, because Node's permission model forbids fsync and fdatasync.

import { writeSync } from 'node:fs';

/** Writes all of `bytes` at `position`; the kernel may take them in pieces. */
export function writeFully(fd: number, bytes: Uint8Array, position: number): void {
  let written = 0;
  while (written < bytes.length) {
    written += writeSync(fd, bytes, written, bytes.length - written, position + written);
  }
}

const NO_ROOM: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** True when the disk is full or a quota is reached: a state that passes, unlike a failing disk. */
export function isNoRoom(error: unknown): boolean {
  return error instanceof Error && 'code' in error && NO_ROOM.has(String(error.code));
}
