// Repeatable numbers from a seed (mulberry32), for draws of rows, columns and cuts: predictable by
// design, and the same on every machine.

/**
 * @param seed any whole number
 * @returns draws a number from 0 to before 1 each time
 */
export function seededNumbers(seed: number): () => number {
  // Both halves count: seeds that differ above 32 bits draw different numbers.
  let state = (Math.floor(seed / 2 ** 32) * 0x9e3779b1 + seed) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `count` different numbers from 0 to before `of`, rising (Knuth's selection sampling). */
export function drawRising(next: () => number, count: number, of: number): Uint32Array {
  const drawn = new Uint32Array(Math.min(count, of));
  let taken = 0;
  for (let index = 0; taken < drawn.length; index += 1) {
    if (next() * (of - index) >= drawn.length - taken) continue;
    drawn[taken] = index;
    taken += 1;
  }
  return drawn;
}
