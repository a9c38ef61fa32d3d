// Reads the passphrase from the descriptor that the parent handed down, once, and closes it.

import { closeSync, readSync } from 'node:fs';

const MAX_PASSPHRASE_BYTES = 4096;

/** The bytes up to the end of the file, without one line ending. @throws Error when it is too long */
export function readPassphrase(fd: number): Uint8Array {
  const bytes = Buffer.alloc(MAX_PASSPHRASE_BYTES);
  let length = 0;
  for (;;) {
    const read = readSync(fd, bytes, length, bytes.length - length, null);
    if (read === 0) break;
    length += read;
    if (length === bytes.length) throw new Error('The passphrase is longer than 4,095 bytes.');
  }
  closeSync(fd);
  if (bytes[length - 1] === 0x0a) length -= 1;
  if (bytes[length - 1] === 0x0d) length -= 1;
  return bytes.subarray(0, length);
}
