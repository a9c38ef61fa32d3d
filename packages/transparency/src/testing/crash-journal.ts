// What a process told the world before it was killed, read back line by line.

import { existsSync, readFileSync } from 'node:fs';

/** Entries and receipts in base64, checkpoints as they were shown. */
export type JournalLine =
  | { sent: string[] }
  | { entry: string; receipt: string }
  | { shown: string };

/** A last line without its end was cut by the kill, and nobody heard it. */
export function readJournal(path: string): JournalLine[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as JournalLine);
}
