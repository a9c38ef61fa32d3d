// Bytes written as a list of numbers: `[48, 119, 2]` and `{"0":48,"1":119}`, as JSON has a buffer and an
// array of bytes, and `0x30, 0x77`, as source code has them. Looks at a byte in seventy.

import type { Run } from './find-runs.ts';

/** 32 random bytes as numbers have some 110 letters with their commas, and 85 once in 10^9. */
const STRIDE = 72;
const LOOK = 12;
const FEWEST_NUMBERS = 30;
const LONGEST_GAP = 24;
const [COMMA, QUOTE, COLON, ZERO] = [0x2c, 0x22, 0x3a, 0x30];

const SPACE = tableOf(' \t\r\n');
const DIGIT = tableOf('0123456789');
const HEX = tableOf('0123456789abcdefABCDEF');
const LETTER = tableOf('0123456789abcdefABCDEFxX,": \t\r\n');

/** Calls `visit` with every such list that begins at `from` or later: a line is two letters of a number. */
export function eachNumbers(
  bytes: Uint8Array,
  from: number,
  visit: (run: Run, hex: string) => void,
): void {
  let floor = from;
  for (let at = from + STRIDE; at + LOOK < bytes.length; at = Math.max(floor, at) + STRIDE) {
    if (LETTER[bytes[at] as number] === 0 || LETTER[bytes[at + 5] as number] === 0) continue;
    if (!mayBeInList(bytes, at)) continue;
    // In front of the list may stand letters that are like it: its first number is behind a gap.
    for (let start = firstLetter(bytes, at, floor); start <= at; ) {
      const list = readList(bytes, start);
      if (list.lines.length >= FEWEST_NUMBERS)
        visit({ lines: list.lines, numbers: true }, list.hex);
      start = Math.max(list.end, start + 1);
      floor = start;
    }
  }
}

function mayBeInList(bytes: Uint8Array, at: number): boolean {
  let comma = false;
  for (let near = at; near < at + LOOK; near += 1) {
    const byte = bytes[near] as number;
    if (LETTER[byte] === 0) return false;
    comma ||= byte === COMMA;
  }
  return comma;
}

function firstLetter(bytes: Uint8Array, at: number, floor: number): number {
  let start = at;
  while (start > floor && LETTER[bytes[start - 1] as number] === 1) start -= 1;
  return start;
}

/** The numbers from `from` on, none when no number stands there. */
function readList(bytes: Uint8Array, from: number) {
  const lines: { start: number; end: number }[] = [];
  let hex = '';
  let end = from;
  for (let at = skipSpace(bytes, from); ; ) {
    const start = skipName(bytes, at);
    const number = readNumber(bytes, start);
    if (number === undefined) break;
    hex += number.value.toString(16).padStart(2, '0');
    lines.push({ start: number.end - 2, end: number.end });
    end = number.end;
    const comma = skipSpace(bytes, end);
    if (bytes[comma] !== COMMA) break;
    at = skipSpace(bytes, comma + 1);
    if (at - end > LONGEST_GAP) break;
  }
  return { lines, hex, end };
}

/** Behind `"12":`, if that stands here. */
function skipName(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== QUOTE) return at;
  let end = at + 1;
  while (DIGIT[bytes[end] as number] === 1) end += 1;
  return bytes[end] === QUOTE && bytes[end + 1] === COLON ? skipSpace(bytes, end + 2) : at;
}

function readNumber(bytes: Uint8Array, at: number): { value: number; end: number } | undefined {
  const sixteen = bytes[at] === ZERO && ((bytes[at + 1] as number) | 0x20) === 0x78;
  const table = sixteen ? HEX : DIGIT;
  const start = sixteen ? at + 2 : at;
  let end = start;
  while (end < start + 4 && table[bytes[end] as number] === 1) end += 1;
  const digits = end - start;
  if (digits === 0 || digits > (sixteen ? 2 : 3)) return undefined;
  const value = Number.parseInt(
    String.fromCharCode(...bytes.subarray(start, end)),
    sixteen ? 16 : 10,
  );
  return value > 255 ? undefined : { value, end };
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at - from < LONGEST_GAP && SPACE[bytes[at] as number] === 1) at += 1;
  return at;
}

function tableOf(letters: string): Uint8Array {
  const table = new Uint8Array(257);
  for (const letter of letters) table[letter.charCodeAt(0)] = 1;
  return table;
}
