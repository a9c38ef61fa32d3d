// Finds what other finders find, in text of two bytes a letter (UTF-16, little-endian), as Windows,
// Java and V8 hold strings in memory. Looks at one pair of bytes in eighty, as `eachRun` does.

import type { Finder } from '../find.ts';

/** The shortest text worth narrowing, in letters. */
const SHORTEST_TEXT = 40;
const STRIDE = SHORTEST_TEXT * 2;

const LETTER = new Uint8Array(256);
for (const control of [9, 10, 13]) LETTER[control] = 1;
LETTER.fill(1, 0x20, 0x7f);

/** @param inner finders of what may stand in such text */
export function wideFinder(inner: readonly Finder[]): Finder {
  return {
    // Twice what one key needs: only what is wrapped as well is shorter than its finder allows.
    window: Math.max(...inner.map(({ window }) => window)),
    scan(bytes, from, report) {
      eachText(bytes, from, (start, end) => {
        const narrow = Buffer.allocUnsafe((end - start) / 2);
        for (let at = 0; at < narrow.length; at += 1) narrow[at] = bytes[start + at * 2] as number;
        for (const finder of inner)
          finder.scan(narrow, 0, (at, length, kind, what, kid) => {
            const letters = Math.min(length, narrow.length - at);
            report(start + at * 2, letters * 2, kind, `${what}, in UTF-16`, kid);
          });
      });
    },
  };
}

/** Calls `visit` for every text that begins at `from` or later. */
function eachText(
  bytes: Uint8Array,
  from: number,
  visit: (start: number, end: number) => void,
): void {
  let floor = from;
  for (let at = from + STRIDE - 2; at + 1 < bytes.length; ) {
    // The pair may begin here or one byte before.
    const first = isPair(bytes, at) ? at : at - 1;
    if (!mayBeInText(bytes, first)) {
      at += STRIDE - 2;
      continue;
    }
    let start = first;
    while (start - 2 >= floor && isPair(bytes, start - 2)) start -= 2;
    let end = first + 2;
    while (isPair(bytes, end)) end += 2;
    if (end - start >= STRIDE) visit(start, end);
    floor = end;
    at = end + STRIDE - 2;
  }
}

/** Of forty letters around this one, half stand before it or half behind it. */
function mayBeInText(bytes: Uint8Array, at: number): boolean {
  if (!isPair(bytes, at)) return false;
  return (
    (isPair(bytes, at - 20) && isPair(bytes, at - 38)) ||
    (isPair(bytes, at + 20) && isPair(bytes, at + 38))
  );
}

function isPair(bytes: Uint8Array, at: number): boolean {
  return bytes[at + 1] === 0 && LETTER[bytes[at] as number] === 1;
}
