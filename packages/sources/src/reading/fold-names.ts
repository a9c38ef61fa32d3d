// Names of members in lower case, so that the spellings of the shapes of one log are one.

import type { LooseObject } from './read-text.ts';

/** In lower case and without the ` [UTC]` that a CSV of Log Analytics adds. */
export function foldName(name: string): string {
  return name.toLowerCase().replace(/ \[utc\]$/, '');
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
