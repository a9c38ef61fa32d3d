// Long runs of the letters of base64, base64url or hex, with the line breaks between them. Looks at
// one byte in forty: a run cannot hide between two looks.

/** The shortest run worth unwrapping: 32 bytes are 43 letters of base64. */
const SHORTEST_RUN = 40;
const LONGEST_BREAK = 24;
const EQUALS = 0x3d;

const LETTER = lettersOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_');
const HEX = lettersOf('0123456789abcdefABCDEF');
// What stands between two lines: breaks, indentation, and both as source code or JSON spells them.
const BREAK = /^={0,2}(?:\r?\n[ \t]*|\\+r|\\+n|["'] ?[+,]?\s*["'])+["']?/;

/** A run: where its lines lie, first to last. */
export interface Run {
  lines: readonly Line[];
  /** It is a list of numbers, and a line stands for one of them. */
  numbers?: true;
}

interface Line {
  start: number;
  end: number;
}

/** Calls `visit` for every part that is hex all over: `0x`, a name or a path may stand before it. */
export function eachHexPart(
  letters: Uint8Array,
  visit: (start: number, end: number) => void,
): void {
  let floor = 0;
  for (let at = SHORTEST_RUN - 1; at < letters.length; at = floor + SHORTEST_RUN - 1) {
    let start = at + 1;
    while (start > floor && HEX[letters[start - 1] as number] === 1) start -= 1;
    if (start > at) {
      floor = at + 1;
      continue;
    }
    let end = at + 1;
    while (end < letters.length && HEX[letters[end] as number] === 1) end += 1;
    if (end - start >= SHORTEST_RUN) visit(start, end);
    floor = end;
  }
}

/** Calls `visit` for every run that begins at `from` or later. */
export function eachRun(bytes: Buffer, from: number, visit: (run: Run) => void): void {
  let floor = from;
  for (let at = from + SHORTEST_RUN - 1; at < bytes.length; ) {
    if (!mayBeInRun(bytes, at)) {
      at += SHORTEST_RUN;
      continue;
    }
    let start = at;
    while (start > floor && LETTER[bytes[start - 1] as number] === 1) start -= 1;
    const end = endOfLine(bytes, at + 1);
    floor = end;
    if (end - start >= SHORTEST_RUN) {
      const run = joinLines(bytes, start, end);
      floor = (run.lines.at(-1) as Line).end;
      visit(run);
    }
    at = floor + SHORTEST_RUN;
  }
}

/** Of forty letters around this one, half stand before it or half behind it. */
function mayBeInRun(bytes: Buffer, at: number): boolean {
  if (LETTER[bytes[at] as number] === 0) return false;
  const before = LETTER[bytes[at - 10] as number] === 1 && LETTER[bytes[at - 19] as number] === 1;
  return (
    before || (LETTER[bytes[at + 10] as number] === 1 && LETTER[bytes[at + 19] as number] === 1)
  );
}

function endOfLine(bytes: Buffer, from: number, most = Number.POSITIVE_INFINITY): number {
  let end = from;
  const limit = Math.min(bytes.length, from + most);
  while (end < limit && LETTER[bytes[end] as number] === 1) end += 1;
  return end;
}

/**
 * Goes on over line breaks as long as lines are as long as the first, which may have a name before it;
 * a shorter one is the last. A longer one is another text: strings of a list stand like that.
 */
function joinLines(bytes: Buffer, start: number, end: number): Run {
  const lines = [{ start, end }];
  let width = end - start;
  for (let last = end; ; ) {
    const next = last + breakAt(bytes, last);
    if (next === last) break;
    const stop = endOfLine(bytes, next, width + 1);
    let length = stop - next;
    // Behind lines that are alike it is the last of them, with something behind it.
    if (length > width && lines.length > 2) length = width;
    if (length < 2 || length > width) break;
    lines.push({ start: next, end: next + length });
    last = next + length;
    if ((length < width && lines.length > 2) || last < stop) break;
    width = length;
  }
  return { lines };
}

function breakAt(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  // A line feed, carriage return, backslash, quote or padding; all else ends the run.
  if (byte !== 10 && byte !== 13 && byte !== 92 && byte !== 34 && byte !== 39 && byte !== EQUALS)
    return 0;
  const text = bytes.toString('latin1', at, Math.min(bytes.length, at + LONGEST_BREAK));
  return BREAK.exec(text)?.[0].length ?? 0;
}

function lettersOf(letters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const letter of letters) table[letter.charCodeAt(0)] = 1;
  return table;
}
