// Bytes written as pairs of hex digits with something between them: `30 77 02`, `30:77:02`, over
// several lines, as node prints a buffer, openssl a key and a debugger memory.

import type { Run } from './find-runs.ts';

/** 32 bytes with a mark between them. */
const SHORTEST_TEXT = 32 * 3 - 1;
/** So many letters hold two pairs side by side, even where a line ends and the next is indented. */
const LOOK = 12;
/** A look may not fall short of the end of the shortest text. */
const STRIDE = SHORTEST_TEXT - LOOK - 6;
const LONGEST_MARK = 24;
const FEWEST_PAIRS = 30;

const DIGIT = new Uint8Array(256);
for (const letter of '0123456789abcdefABCDEF') DIGIT[letter.charCodeAt(0)] = 1;
const MARK = new Uint8Array(256);
for (const letter of ' :,\t\r\n') MARK[letter.charCodeAt(0)] = 1;

/** Calls `visit` for every such text that begins at `from` or later; its lines are the pairs. */
export function eachSpaced(bytes: Buffer, from: number, visit: (run: Run) => void): void {
  let floor = from;
  for (let at = from + STRIDE; at < bytes.length; ) {
    const pair = pairNear(bytes, at);
    if (pair < floor) {
      at += STRIDE;
      continue;
    }
    const start = firstPair(bytes, pair, floor);
    const lines = pairsFrom(bytes, start);
    const end = (lines.at(-1)?.end ?? start) + 1;
    if (lines.length >= FEWEST_PAIRS) visit({ lines });
    floor = end;
    at = end + STRIDE;
  }
}

/** A pair between two marks, within the look, which in such a text holds nothing but digits and marks. */
function pairNear(bytes: Buffer, at: number): number {
  for (let near = at; near < at + 4; near += 1)
    if (DIGIT[bytes[near] as number] === 0 && MARK[bytes[near] as number] === 0) return -1;
  for (let start = at; start < at + LOOK; start += 1)
    if (isPair(bytes, start) && isMark(bytes, start - 1) && isPair(bytes, start + 3)) return start;
  return -1;
}

function firstPair(bytes: Buffer, pair: number, floor: number): number {
  let start = pair;
  for (;;) {
    let before = start - 1;
    while (start - before < LONGEST_MARK && isMark(bytes, before)) before -= 1;
    if (before === start - 1 || before - 1 < floor || !isPair(bytes, before - 1)) return start;
    start = before - 1;
  }
}

function pairsFrom(bytes: Buffer, from: number): { start: number; end: number }[] {
  const pairs: { start: number; end: number }[] = [];
  for (let at = from; isPair(bytes, at); ) {
    pairs.push({ start: at, end: at + 2 });
    let next = at + 2;
    while (next - at < LONGEST_MARK && isMark(bytes, next)) next += 1;
    if (next === at + 2) break;
    at = next;
  }
  return pairs;
}

function isPair(bytes: Buffer, at: number): boolean {
  return (
    DIGIT[bytes[at] as number] === 1 &&
    DIGIT[bytes[at + 1] as number] === 1 &&
    DIGIT[bytes[at + 2] as number] !== 1
  );
}

function isMark(bytes: Buffer, at: number): boolean {
  return MARK[bytes[at] as number] === 1;
}
