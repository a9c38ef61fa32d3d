// An event of a bundle, from its line to its leaf, at the speed of the hash: no text is decoded, no
// JSON is parsed and nothing is allocated but the hash.

import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';

const SPACE = 0x20;
const ZERO = 0x30;
const NINE = 0x39;
const SALT_CHARACTERS = 22;
const TEXT_OFFSET = 17;
/** Beyond it, numbers are no longer exact. */
const MOST_DIGITS = 15;

const SEXTETS = new Int16Array(256).fill(-1);
for (const [value, character] of [
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
].entries()) {
  SEXTETS[character.charCodeAt(0)] = value;
}

let input = Buffer.alloc(65_536);

export interface EventLine {
  number: number;
  /** The leaf, as 32 characters U+0000–U+00FF. */
  leaf: string;
  /** Where the text begins. */
  textAt: number;
}

const found: EventLine = { number: 0, leaf: '', textAt: 0 };

/**
 * Reads `e NUMBER SALT TEXT`. The same object is given back each time.
 * @returns undefined for what is not exactly such a line
 */
export function readEventLine(bytes: Buffer, start: number, end: number): EventLine | undefined {
  let at = start + 2;
  let number = 0;
  const most = Math.min(end, at + MOST_DIGITS);
  if (bytes[at] === ZERO) return undefined;
  for (; at < most; at += 1) {
    const digit = bytes[at] as number;
    if (digit < ZERO || digit > NINE) break;
    number = number * 10 + (digit - ZERO);
  }
  if (number === 0 || bytes[at] !== SPACE) return undefined;
  const textAt = at + 2 + SALT_CHARACTERS;
  if (textAt >= end || bytes[textAt - 1] !== SPACE) return undefined;
  const size = TEXT_OFFSET + end - textAt;
  if (input.length < size) input = Buffer.alloc(2 * size);
  if (!readSalt(bytes, at + 1)) return undefined;
  bytes.copy(input, TEXT_OFFSET, textAt, end);
  found.number = number;
  found.leaf = hash('sha256', input.subarray(0, size), 'latin1');
  found.textAt = textAt;
  return found;
}

/** Canonical base64url only: a second spelling of a salt would be a second bundle. */
function readSalt(bytes: Buffer, start: number): boolean {
  let bits = 0;
  let held = 0;
  let to = 1;
  for (let at = start; at < start + SALT_CHARACTERS; at += 1) {
    const sextet = SEXTETS[bytes[at] as number] as number;
    if (sextet < 0) return false;
    bits = ((bits << 6) | sextet) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      input[to] = bits >> held;
      to += 1;
    }
  }
  return (bits & ((1 << held) - 1)) === 0;
}
