// Everything a scan looks for, put together: keys as they stand, in codings, in wide text.

import { encodedFinder } from './encoded/encoded-finder.ts';
import type { Finder } from './find.ts';
import { percentFinder } from './wrapped/percent-finder.ts';
import { wideFinder } from './wrapped/wide-finder.ts';
import { wrappedFinder } from './wrapped/wrapped-finder.ts';

/**
 * Finders of private keys of any owner, in every form and coding that this room knows.
 * @param known finders of secrets that are known, which are looked for in every coding as well
 */
export function allFinders(known: readonly Finder[] = []): Finder[] {
  const plain = [encodedFinder, ...known];
  const wrapped = wrappedFinder(plain);
  return [
    ...plain,
    wrapped,
    percentFinder([encodedFinder, wrapped]),
    wideFinder([encodedFinder, wrapped]),
  ];
}
