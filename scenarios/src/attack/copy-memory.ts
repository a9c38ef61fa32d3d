// The memory of a living process as a file, for machines that send cores elsewhere. Linux; needs the
// right to trace the process, which a parent has over its child.

import { closeSync, ftruncateSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';

const CHUNK_BYTES = 1 << 24;
const HOLE_BYTES = 1 << 16;
const HOLE = Buffer.alloc(HOLE_BYTES);
const READABLE = /^([0-9a-f]+)-([0-9a-f]+) r/;
const WRITABLE = /^([0-9a-f]+)-([0-9a-f]+) rw/;

/** True when the kernel leaves a core in the folder of the process that died. */
export function leavesCores(): boolean {
  return !/^\||\//.test(readFileSync('/proc/sys/kernel/core_pattern', 'utf8'));
}

/**
 * Writes every readable range of the process, one behind the other, each from a page on.
 * @param only `written` leaves out what nobody can have written: programs and libraries
 */
export function copyMemory(pid: number, file: string, only: 'written' | 'all' = 'all'): void {
  const wanted = only === 'all' ? READABLE : WRITABLE;
  const [memory, image] = [openSync(`/proc/${pid}/mem`, 'r'), openSync(file, 'wx')];
  const bytes = Buffer.alloc(CHUNK_BYTES);
  let size = 0;
  for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
    const [, from = '', to = ''] = wanted.exec(line) ?? [];
    const end = Number.parseInt(to, 16);
    for (let at = Number.parseInt(from, 16); at < end; at += CHUNK_BYTES) {
      const length = readPart(memory, bytes.subarray(0, Math.min(CHUNK_BYTES, end - at)), at);
      writeWithHoles(image, bytes.subarray(0, length), size);
      size += length;
    }
  }
  ftruncateSync(image, size);
  closeSync(memory);
  closeSync(image);
}

/** Most of a process is zeros that nobody ever wrote; on a disk they need no room. */
function writeWithHoles(image: number, bytes: Buffer, at: number): void {
  for (let from = 0; from < bytes.length; from += HOLE_BYTES) {
    const part = bytes.subarray(from, from + HOLE_BYTES);
    if (!part.equals(HOLE.subarray(0, part.length)))
      writeSync(image, part, 0, part.length, at + from);
  }
}

/** Some mappings show as readable and are not (vvar); they hold nothing of the process. */
function readPart(memory: number, bytes: Buffer, at: number): number {
  try {
    return readSync(memory, bytes, 0, bytes.length, at);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EIO') return 0;
    throw error;
  }
}
