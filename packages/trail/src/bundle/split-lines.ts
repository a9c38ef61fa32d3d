// Lines out of chunks of bytes, without copying those that lie in one chunk.

import { Buffer } from 'node:buffer';

const NEWLINE = 0x0a;

/** Called with the bytes of a line and where it begins and ends in them, the newline left out. */
export type LineListener = (bytes: Buffer, start: number, end: number) => void;

/**
 * @returns true when the last line had its newline
 * @throws RangeError for a line longer than `longest` bytes
 */
export async function splitLines(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  longest: number,
  onLine: LineListener,
): Promise<boolean> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const given of chunks) {
    const chunk = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end < 0) break;
      if (restBytes > 0) {
        const line = Buffer.concat([...rest, chunk.subarray(start, end)]);
        rest = [];
        restBytes = 0;
        demandShort(line.length, longest);
        onLine(line, 0, line.length);
      } else {
        demandShort(end - start, longest);
        onLine(chunk, start, end);
      }
      start = end + 1;
    }
    // Copied: whoever reads a file may use the memory of a chunk again.
    if (start < chunk.length) rest.push(Buffer.from(chunk.subarray(start)));
    restBytes += chunk.length - start;
    demandShort(restBytes, longest);
  }
  return restBytes === 0;
}

function demandShort(bytes: number, longest: number): void {
  if (bytes > longest) throw new RangeError('A line is too long.');
}
