// Patterns as RE2 has them. The two cases of a letter are written out: what `(?i)` takes for the same
// letter is more than A to Z, and not the same in every engine.

import type { Pattern } from '../language/filter-tree.ts';

/** @param lines when the pattern is to match one line of several */
export function wholePattern(pattern: Pattern, lines: boolean): string {
  const any = lines ? '[^\\n]' : '.';
  const pieces = pattern.map((piece) => {
    if (typeof piece === 'string') return containsPattern(piece);
    return piece.any === 'text' ? `${any}*` : any;
  });
  return lines ? `(?m)^(?:${pieces.join('')})$` : `(?s)${pieces.join('')}`;
}

export function containsPattern(text: string): string {
  return text.replace(/[A-Za-z]|[^A-Za-z0-9\u{80}-\u{10ffff}]/gu, (character) =>
    /[A-Za-z]/.test(character)
      ? `[${character.toLowerCase()}${character.toUpperCase()}]`
      : `\\x{${character.codePointAt(0)?.toString(16)}}`,
  );
}
