// From an inherited descriptor to a file without a name in memory. A pipe can be read once, but a
// child may start many times; and what Node inherits, every child of it inherits unasked. So the
// secret moves to a descriptor of ours, which is closed on exec, and ours of it is closed.

import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { CodedError } from '@countersign/vocabulary';

const LIMIT_BYTES = 16 * 1024;
/** tmpfs: pages of memory, which may be swapped like the memory of any process. */
const MEMORY_FOLDER = '/dev/shm';
/** open(2); Node has no name for it. Includes O_DIRECTORY, as the kernel wants it. */
const O_TMPFILE = 0o20_000_000 | constants.O_DIRECTORY;

/**
 * Reads `fd` to its end, from its start if it is a file, and closes it. Nothing of it stays in this
 * process's memory.
 * @returns a descriptor of the copy
 * @throws CodedError `secret_missing`, `secret_unusable`
 */
export function copyToMemory(fd: number, what: string): number {
  // Not from Node's pool of buffers, which would keep it.
  const buffer = Buffer.alloc(LIMIT_BYTES + 1);
  try {
    const length = readAll(fd, buffer, what);
    const copy = openNameless(what);
    for (let at = 0; at < length; ) at += writeSync(copy, buffer, at, length - at);
    return copy;
  } finally {
    buffer.fill(0);
  }
}

function readAll(fd: number, buffer: Buffer, what: string): number {
  try {
    const stat = fstatSync(fd);
    // Node's own descriptors, which a wrong number may hit, are neither, and would block for ever.
    if (fd < 3 || !(stat.isFile() || stat.isFIFO() || stat.isSocket())) {
      throw new TypeError('neither a file nor a pipe');
    }
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      const place = stat.isFile() ? length : null;
      read = readSync(fd, buffer, length, buffer.length - length, place);
    }
    closeSync(fd);
    if (length > 0 && length <= LIMIT_BYTES) return length;
    throw new TypeError(length === 0 ? 'empty' : `longer than ${LIMIT_BYTES} bytes`);
  } catch (cause) {
    const why = cause instanceof TypeError ? `is ${cause.message}` : 'cannot be read';
    throw new CodedError<'secret_missing'>(
      'secret_missing',
      `The ${what} was to come on descriptor ${fd}, which ${why}. Start as in: countersign ${fd}< FILE`,
      { cause },
    );
  }
}

function openNameless(what: string): number {
  try {
    return openSync(MEMORY_FOLDER, O_TMPFILE | constants.O_RDWR, 0o600);
  } catch (cause) {
    throw new CodedError<'secret_unusable'>(
      'secret_unusable',
      `The ${what} came on a descriptor, and this system has no memory at ${MEMORY_FOLDER} to keep it in. Give it as a file or a systemd credential.`,
      { cause },
    );
  }
}
