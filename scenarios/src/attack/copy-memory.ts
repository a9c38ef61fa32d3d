// The memory of a living process as a file, for machines that send cores elsewhere. Linux; needs the
// right to trace the process, which a parent has over its child.

import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';

const CHUNK_BYTES = 1 << 24;
const BLOCK_BYTES = 1 << 16;
const ZEROS = Buffer.alloc(BLOCK_BYTES);
const READABLE = /^([0-9a-f]+)-([0-9a-f]+) r/;
const WRITABLE = /^([0-9a-f]+)-([0-9a-f]+) rw/;

/** True when the kernel leaves a core in the folder of the process that died. */
export function leavesCores(): boolean {
  return !/^\||\//.test(readFileSync('/proc/sys/kernel/core_pattern', 'utf8'));
}

/**
 * Writes every readable range of the process, one behind the other, each from a page on.
 * @param only `written` leaves out what nobody has written: programs, libraries, blocks of zeros
 */
export function copyMemory(pid: number, file: string, only: 'written' | 'all' = 'all'): void {
  const wanted = only === 'all' ? READABLE : WRITABLE;
  const [memory, image] = [openSync(`/proc/${pid}/mem`, 'r'), openSync(file, 'wx')];
  const bytes = Buffer.alloc(CHUNK_BYTES);
  for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
    const [, from = '', to = ''] = wanted.exec(line) ?? [];
    const end = Number.parseInt(to, 16);
    for (let at = Number.parseInt(from, 16); at < end; at += CHUNK_BYTES) {
      const length = readPart(memory, bytes.subarray(0, Math.min(CHUNK_BYTES, end - at)), at);
      if (only === 'all') writeSync(image, bytes, 0, length);
      else writeBlocks(image, bytes.subarray(0, length));
    }
  }
  closeSync(memory);
  closeSync(image);
}

/** Most of a process is zeros; tools that keep dumps leave them out (makedumpfile -d 1). */
function writeBlocks(image: number, bytes: Buffer): void {
  for (let from = 0; from < bytes.length; from += BLOCK_BYTES) {
    const block = bytes.subarray(from, from + BLOCK_BYTES);
    if (!block.equals(ZEROS.subarray(0, block.length))) writeSync(image, block);
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
