// Takes known secrets out of bytes: zeros in their place, so that every other offset stays.

export interface Range {
  offset: number;
  length: number;
}

/**
 * Zeroes, in place, what of `ranges` lies in `chunk`.
 * @param at where the chunk stands in the stream that the ranges count from
 */
export function redact(chunk: Uint8Array, at: number, ranges: readonly Range[]): void {
  for (const { offset, length } of ranges) {
    const start = Math.max(0, offset - at);
    const end = Math.min(chunk.length, offset + length - at);
    if (start < end) chunk.fill(0, start, end);
  }
}
