// Writes tests/vectors/tokens anew: `node tests/vectors/generate.ts`. Same code, same bytes: every
// key is derived from a label, every signature is deterministic, the clock stands still.

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allFiles } from './zoo/all-files.ts';

/** Fills the folder and removes vectors that are no more; returns how many files there are. */
export function writeVectors(folder: string): number {
  mkdirSync(folder, { recursive: true });
  const files = allFiles();
  for (const old of readdirSync(folder)) {
    if (old.endsWith('.json') && !files.has(old)) rmSync(join(folder, old));
  }
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  return files.size;
}

if (import.meta.main) {
  const folder = join(import.meta.dirname, 'tokens');
  console.log(`${writeVectors(folder) - 1} vectors and their policy are in ${folder}`);
}
