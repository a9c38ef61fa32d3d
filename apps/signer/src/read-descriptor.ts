// Reads an inherited descriptor into one large buffer: V8 keeps small ones on its heap, where the
// collector moves them and leaves copies behind.

import { fstatSync, readSync } from 'node:fs';

/**
 * Up to `limit` bytes and one more, by which the caller sees that there were too many. A file is
 * read from its start, wherever an earlier reader left the shared position. Left open.
 * @throws the system's error
 */
export function readDescriptor(fd: number, limit: number): { buffer: Buffer; length: number } {
  const buffer = Buffer.alloc(limit + 1);
  const fromStart = isFile(fd);
  let length = 0;
  for (let read = -1; read !== 0 && length < buffer.length; length += read) {
    read = readSync(fd, buffer, length, buffer.length - length, fromStart ? length : null);
  }
  return { buffer, length };
}

/** What can be read again; a pipe can not. */
export function isFile(fd: number): boolean {
  return fstatSync(fd).isFile();
}
