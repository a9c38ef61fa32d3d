// Whether a text is what a pattern says, in a time that grows with text × pattern at most: a stranger
// writes both.

import type { Pattern } from '../language/filter-tree.ts';

/** Only A to Z: in what else case means, engines differ. */
export function foldLetters(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** The whole text, whatever the case of A to Z. */
export function matchesPattern(pattern: Pattern, text: string): boolean {
  const wanted: Pattern = pattern.flatMap(
    (piece): Pattern => (typeof piece === 'string' ? [...foldLetters(piece)] : [piece]),
  );
  const given = [...foldLetters(text)];
  let at = 0;
  let next = 0;
  // Where to go on when it does not fit: the last `*` takes one character more.
  let star = -1;
  let starAt = 0;
  while (at < given.length) {
    const piece = wanted[next];
    if (typeof piece === 'object' && piece.any === 'text') {
      star = next;
      starAt = at;
      next += 1;
    } else if (piece !== undefined && (typeof piece === 'object' || piece === given[at])) {
      at += 1;
      next += 1;
    } else if (star >= 0) {
      starAt += 1;
      at = starAt;
      next = star + 1;
    } else return false;
  }
  return wanted.slice(next).every((piece) => typeof piece === 'object' && piece.any === 'text');
}
