// A piece of a file that grows and is never changed, without holding it open.

import { closeSync, openSync, readSync } from 'node:fs';

/** Up to `length` bytes at `offset`; fewer at the end of the file. */
export function readAt(path: string, offset: number, length: number): Buffer {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, offset));
  } finally {
    closeSync(fd);
  }
}
