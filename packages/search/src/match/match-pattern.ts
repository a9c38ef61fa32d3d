// Whether a text is what a pattern says, in a time that grows with the text: a stranger writes both, and whoever
// compares here has others waiting. What stands between two `*` has one length, so that the first place where
// it fits is the best one; it is looked for by its longest piece of plain text.

import type { Pattern } from '../language/filter-tree.ts';

/** Plain text, or `undefined` for any one character. */
type Segment = readonly (string | undefined)[];

/** Shorter ones are folded faster than they are looked up. */
const REMEMBERED_LENGTH = 4096;
let lastFolded = { text: '', folded: '' };

/** Only A to Z: in what else case means, engines differ. */
export function foldLetters(text: string): string {
  if (text.length < REMEMBERED_LENGTH) return fold(text);
  // A filter asks the same long text again and again.
  if (lastFolded.text !== text) lastFolded = { text, folded: fold(text) };
  return lastFolded.folded;
}

function fold(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** The whole text, whatever the case of A to Z. */
export function matchesPattern(pattern: Pattern, text: string): boolean {
  const given = foldLetters(text);
  const segments = segmentsOf(pattern);
  const [first = []] = segments;
  let at = endOf(first, given, 0);
  if (at === undefined) return false;
  if (segments.length === 1) return at === given.length;
  for (const segment of segments.slice(1, -1)) {
    at = find(segment, given, at);
    if (at === undefined) return false;
  }
  const start = startOf(segments.at(-1) ?? [], given, given.length);
  return start !== undefined && start >= at;
}

function segmentsOf(pattern: Pattern): (string | undefined)[][] {
  const segments: (string | undefined)[][] = [[]];
  for (const piece of pattern) {
    if (typeof piece === 'string') segments.at(-1)?.push(foldLetters(piece));
    else if (piece.any === 'text') segments.push([]);
    else segments.at(-1)?.push(undefined);
  }
  return segments;
}

/** Where the segment ends that fits first, from a place on. */
function find(segment: Segment, text: string, from: number): number | undefined {
  const anchor = longestOf(segment);
  const plain = segment[anchor];
  if (plain === undefined) return endOf(segment, text, from);
  const [before, behind] = [segment.slice(0, anchor), segment.slice(anchor)];
  for (let at = text.indexOf(plain, from); at >= 0; at = text.indexOf(plain, at + 1)) {
    const start = startOf(before, text, at);
    if (start === undefined || start < from) continue;
    const end = endOf(behind, text, at);
    if (end !== undefined) return end;
  }
  return undefined;
}

function longestOf(segment: Segment): number {
  const lengths = segment.map((piece) => piece?.length ?? -1);
  return lengths.indexOf(Math.max(...lengths));
}

/** Where it ends when it begins here; undefined when it does not fit. */
function endOf(segment: Segment, text: string, from: number): number | undefined {
  let at = from;
  for (const piece of segment) {
    if (piece === undefined) {
      if (at >= text.length) return undefined;
      at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
    } else {
      if (!text.startsWith(piece, at)) return undefined;
      at += piece.length;
    }
  }
  return at;
}

/** Where it begins when it ends here. */
function startOf(segment: Segment, text: string, end: number): number | undefined {
  let at = end;
  for (const piece of segment.toReversed()) {
    if (piece === undefined) {
      if (at <= 0) return undefined;
      at -= at > 1 && (text.codePointAt(at - 2) ?? 0) > 0xffff ? 2 : 1;
    } else {
      at -= piece.length;
      if (at < 0 || !text.startsWith(piece, at)) return undefined;
    }
  }
  return at;
}
