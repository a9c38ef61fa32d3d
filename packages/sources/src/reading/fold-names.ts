// Names of members in lower case, so that the spellings of the shapes of one log are one.

import type { LooseObject } from './read-text.ts';

/** Logs have some hundreds of names; more is somebody's data, and is folded each time. */
const MOST_REMEMBERED = 10_000;
const LONGEST_REMEMBERED = 64;
const remembered = new Map<string, string>();

/** In lower case and without the ` [UTC]` that a CSV of Log Analytics adds. */
export function foldName(name: string): string {
  const known = remembered.get(name);
  if (known !== undefined) return known;
  const folded = name.toLowerCase().replace(/ \[utc\]$/, '');
  if (remembered.size < MOST_REMEMBERED && name.length <= LONGEST_REMEMBERED) {
    remembered.set(name, folded);
  }
  return folded;
}

/** Values by folded name; of names that differ in case only, the first one stays. */
export function foldNames(object: LooseObject): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const name of Object.keys(object)) {
    const folded = foldName(name);
    if (!found.has(folded)) found.set(folded, object[name]);
  }
  return found;
}
