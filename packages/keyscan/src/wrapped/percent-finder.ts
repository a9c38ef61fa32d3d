// Finds what other finders find, in texts whose marks are percent-encoded (RFC 3986 §2.1): a JWK in a
// query, a base64 of which every `+` and `/` is three letters, both as access logs keep them.

import type { Finder } from '../find.ts';

const PERCENT = 0x25;
/** The shortest text worth decoding, in letters. */
const SHORTEST_TEXT = 40;
const LONGEST_TEXT = 1 << 16;
/** Letters that do not need to be encoded, and the marks between the members of a query. */
const LETTER = new Uint8Array(256);
for (let code = 0x21; code < 0x7f; code += 1) LETTER[code] = 1;
for (const end of '"<>\\^`{|}&') LETTER[end.charCodeAt(0)] = 0;
const DIGIT = new Uint8Array(256).fill(255);
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  DIGIT[digit.charCodeAt(0)] = value;
  DIGIT[digit.toUpperCase().charCodeAt(0)] = value;
}

/** @param inner finders of what may stand in such text */
export function percentFinder(inner: readonly Finder[]): Finder {
  return {
    window: Math.min(LONGEST_TEXT, Math.max(...inner.map(({ window }) => window)) * 2),
    scan(bytes, from, report) {
      eachText(bytes, from, (start, end) => {
        const { plain, places } = decode(bytes, start, end);
        for (const finder of inner)
          finder.scan(plain, 0, (at, length, kind, what, kid) => {
            const first = places[at] as number;
            const last = places[Math.min(at + length, plain.length)] as number;
            report(first, last - first, kind, `${what}, percent-encoded`, kid);
          });
      });
    },
  };
}

/** Calls `visit` for every text with an encoded byte in it that begins at `from` or later. */
function eachText(
  bytes: Uint8Array,
  from: number,
  visit: (start: number, end: number) => void,
): void {
  let floor = from;
  for (let at = bytes.indexOf(PERCENT, from); at !== -1; at = bytes.indexOf(PERCENT, floor)) {
    floor = at + 1;
    if (valueAt(bytes, at) === undefined) continue;
    let start = at;
    const lowest = Math.max(from, at - LONGEST_TEXT);
    while (start > lowest && LETTER[bytes[start - 1] as number] === 1) start -= 1;
    let end = at + 3;
    const highest = Math.min(bytes.length, start + LONGEST_TEXT);
    while (end < highest && LETTER[bytes[end] as number] === 1) end += 1;
    if (end - start >= SHORTEST_TEXT) visit(start, end);
    floor = Math.max(floor, end);
  }
}

/** The bytes, and where each of them stands; one place more, for the end. */
function decode(bytes: Uint8Array, start: number, end: number) {
  const plain = Buffer.allocUnsafe(end - start);
  const places = new Uint32Array(end - start + 1);
  let count = 0;
  for (let at = start; at < end; count += 1) {
    const value = at + 2 < end ? valueAt(bytes, at) : undefined;
    plain[count] = value ?? (bytes[at] as number);
    places[count] = at;
    at += value === undefined ? 1 : 3;
  }
  places[count] = end;
  return { plain: plain.subarray(0, count), places };
}

/** What the three letters at `at` stand for. */
function valueAt(bytes: Uint8Array, at: number): number | undefined {
  if (bytes[at] !== PERCENT) return undefined;
  const [high, low] = [DIGIT[bytes[at + 1] as number], DIGIT[bytes[at + 2] as number]];
  if (high === undefined || low === undefined || high > 15 || low > 15) return undefined;
  return high * 16 + low;
}
