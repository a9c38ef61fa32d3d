// Counts where given bytes lie in another process's memory, as a core dump or a debugger would
// find them. Linux; needs the right to trace the process, which a parent has over its child.

import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

const CHUNK_BYTES = 1 << 24;
const READABLE = /^([0-9a-f]+)-([0-9a-f]+) r/;

/** Occurrences of each needle, by name. */
export function scanMemory(pid: number, needles: ReadonlyMap<string, Buffer>): Map<string, number> {
  const found = new Map([...needles.keys()].map((name) => [name, 0]));
  const longest = Math.max(...[...needles.values()].map(({ length }) => length));
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
    const range = READABLE.exec(line);
    if (range === null) continue;
    const [start, end] = [range[1], range[2]].map((text) => Number.parseInt(text as string, 16));
    for (let at = start as number; at < (end as number); at += CHUNK_BYTES) {
      const wanted = Math.min((end as number) - at, CHUNK_BYTES + longest - 1);
      const bytes = readChunk(memory, at, wanted);
      for (const [name, needle] of needles) {
        const hits = countHits(bytes, needle, CHUNK_BYTES);
        found.set(name, (found.get(name) as number) + hits);
      }
    }
  }
  closeSync(memory);
  return found;
}

/** Some mappings show as readable and are not (vvar); they hold nothing of the process. */
function readChunk(memory: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  try {
    return bytes.subarray(0, readSync(memory, bytes, 0, length, at));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EIO') return Buffer.alloc(0);
    throw error;
  }
}

function countHits(bytes: Buffer, needle: Buffer, before: number): number {
  let hits = 0;
  for (let at = bytes.indexOf(needle); at !== -1 && at < before; ) {
    hits += 1;
    at = bytes.indexOf(needle, at + 1);
  }
  return hits;
}
