// issued = signed = logged, over one run of numbers: what a log or journal holds against what the
// ledger holds under the same numbers. Pure; hashes are lower-case hex.

export interface NumberedItem {
  number: number;
  /** Leaf hash, or hash of the signing input. */
  hash: string;
  /** The signing key, where the item names one, and its number for that key. */
  kid?: string | undefined;
  keyNumber?: number | undefined;
}

export interface Mismatches {
  /** In the log or journal, not in the ledger. */
  missing: NumberedItem[];
  /** In both, but not the same thing. */
  differing: NumberedItem[];
  /** Numbers the log or journal itself leaves out or doubles. */
  gaps: number[];
}

/**
 * @param from the number that the first item must have; each next one is one higher.
 */
export function matchNumbers(
  from: number,
  items: readonly NumberedItem[],
  ledger: ReadonlyMap<number, NumberedItem>,
): Mismatches {
  const found: Mismatches = { missing: [], differing: [], gaps: [] };
  let expected = from;
  for (const item of items) {
    if (item.number !== expected) found.gaps.push(expected);
    expected = item.number + 1;
    const row = ledger.get(item.number);
    if (row === undefined) found.missing.push(item);
    else if (row.hash !== item.hash || row.kid !== item.kid || row.keyNumber !== item.keyNumber)
      found.differing.push(item);
  }
  return found;
}

/** `41,43-45`: closed ranges of ascending numbers, cut with `…` at `longest` characters. */
export function describeNumbers(numbers: readonly number[], longest = 1000): string {
  const texts = toRanges(numbers).map(({ first, last }) =>
    first === last ? `${first}` : `${first}-${last}`,
  );
  const text = texts.join(',');
  if (text.length <= longest) return text;
  return `${text.slice(0, text.lastIndexOf(',', longest))},…`;
}

export function toRanges(numbers: readonly number[]): { first: number; last: number }[] {
  const ranges: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const open = ranges.at(-1);
    if (open !== undefined && number === open.last + 1) open.last = number;
    else ranges.push({ first: number, last: number });
  }
  return ranges;
}
