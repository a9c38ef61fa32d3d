// Labels come from strangers: a client chooses its browser's name. What a sentence shows of them is short
// and nothing but letters, digits and plain marks.

const MOST = 40;

/** Undefined when nothing readable is left. */
export function plainText(label: string | undefined): string | undefined {
  if (typeof label !== 'string') return undefined;
  const cut = label.slice(0, 4 * MOST).normalize('NFKC');
  // Control, format (bidirectional, zero-width), private and unassigned characters, line breaks.
  const clean = cut
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[<>"`\\{}|^[\]]/g, '')
    .replace(/\s+/gu, ' ')
    .trim();
  const letters = [...clean];
  const short =
    letters.length > MOST
      ? `${letters
          .slice(0, MOST - 1)
          .join('')
          .trim()}…`
      : clean;
  return short === '' ? undefined : short;
}

/** "0.01 % of sign-ins"; what is rarer than one in 10,000 is not told apart. */
export function sayShare(share: number): string {
  const percent = 100 * share;
  if (!(percent >= 0.01)) return 'less than 0.01 % of sign-ins';
  const digits = percent < 0.1 ? 2 : percent < 10 ? 1 : 0;
  return `${percent.toFixed(digits)} % of sign-ins`;
}
