// The memory of a living process as a file, for machines that send cores elsewhere. Linux; needs the
// right to trace the process, which a parent has over its child.

import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';

const CHUNK_BYTES = 1 << 24;
const READABLE = /^([0-9a-f]+)-([0-9a-f]+) r/;

/** True when the kernel leaves a core in the folder of the process that died. */
export function leavesCores(): boolean {
  return !/^\||\//.test(readFileSync('/proc/sys/kernel/core_pattern', 'utf8'));
}

/** Writes every readable range of the process, one behind the other, each from a page on. */
export function copyMemory(pid: number, file: string): void {
  const [memory, image] = [openSync(`/proc/${pid}/mem`, 'r'), openSync(file, 'wx')];
  const bytes = Buffer.alloc(CHUNK_BYTES);
  for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
    const [, from = '', to = ''] = READABLE.exec(line) ?? [];
    const end = Number.parseInt(to, 16);
    for (let at = Number.parseInt(from, 16); at < end; at += CHUNK_BYTES) {
      const length = readPart(memory, bytes.subarray(0, Math.min(CHUNK_BYTES, end - at)), at);
      writeSync(image, bytes, 0, length);
    }
  }
  closeSync(memory);
  closeSync(image);
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
