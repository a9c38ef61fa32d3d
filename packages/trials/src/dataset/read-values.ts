// What stands in a field of the data set: a text, a whole number, a flag, a time, or nothing.

import type { CsvRow } from './csv-rows.ts';

/** Nothing, or what a table writes for nothing: a 64-bit float that is none. */
export function isGap({ bytes, from, to }: CsvRow, field: number): boolean {
  const [at, length] = [from[field]!, to[field]! - from[field]!];
  if (length <= 0) return true;
  const letter = (index: number): number => bytes[at + index]! | 32;
  return length === 3 && letter(0) === 110 && letter(1) === 97 && letter(2) === 110;
}

export function readText({ bytes, from, to }: CsvRow, field: number): string {
  return Buffer.from(
    bytes.buffer,
    bytes.byteOffset + from[field]!,
    to[field]! - from[field]!,
  ).toString();
}

/** A whole number under 2^32 − 1, or −1. */
export function readWhole({ bytes, from, to }: CsvRow, field: number): number {
  const length = to[field]! - from[field]!;
  if (length < 1 || length > 12) return -1;
  // Some exports write numbers with gaps in their column as `29695.0`.
  const text = readText({ bytes, from, to, fields: 0 }, field).replace(/\.0$/, '');
  const number = Number(text);
  return /^\d+$/.test(text) && number < 2 ** 32 - 1 ? number : -1;
}

export function readFlag({ bytes, from, to }: CsvRow, field: number): boolean | undefined {
  const [length, first] = [to[field]! - from[field]!, (bytes[from[field]!] ?? 0) | 32];
  if (length === 4 && first === 116) return true;
  return length === 5 && first === 102 ? false : undefined;
}

/** `2020-02-03 12:43:30.772`, read as UTC; NaN for anything else. */
export function readTime(row: CsvRow, field: number): number {
  const text = readText(row, field);
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?$/.test(text)) return Number.NaN;
  return Date.parse(`${text.slice(0, 10)}T${text.slice(11, 23)}Z`);
}
