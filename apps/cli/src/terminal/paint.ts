// Colours, and the cleaning of what others wrote: a token or a server must not be able to move the
// cursor of whoever reads about it.

import { stripVTControlCharacters, styleText } from 'node:util';

export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  strong(text: string): string;
  faint(text: string): string;
}

type Style = Parameters<typeof styleText>[0];

function pen(style: Style): (text: string) => string {
  return (text) => styleText(style, text, { validateStream: false });
}

export const terminalPaint: Paint = {
  good: pen('green'),
  bad: pen(['red', 'bold']),
  warn: pen('yellow'),
  strong: pen('bold'),
  faint: pen('dim'),
};

const same = (text: string): string => text;
export const plainPaint: Paint = { good: same, bad: same, warn: same, strong: same, faint: same };

// C0 and C1 controls, line separators, and the marks that reorder text on the screen.
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** One line of text that is safe on a terminal: what cannot be shown becomes U+FFFD. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '\ufffd');
}

/** Columns that a painted text takes. Every character we print is one column wide. */
export function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

/** Breaks a text into lines of at most `width` columns, at spaces where there are any. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    let rest = word;
    if (line !== '' && widthOf(line) + 1 + widthOf(rest) <= width) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== '') lines.push(line);
    while (widthOf(rest) > width) {
      lines.push([...rest].slice(0, width).join(''));
      rest = [...rest].slice(width).join('');
    }
    line = rest;
  }
  return [...lines, line];
}
