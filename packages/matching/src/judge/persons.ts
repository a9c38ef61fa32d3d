// Whether two lists of names can be of one person. Names are comparable within one kind only: an object
// id says nothing about a mail address.

import { kindOfId } from '../activity.ts';

/** Undefined when they share no kind of name. */
export function personsAgree(
  some: readonly string[] = [],
  others: readonly string[] = [],
): boolean | undefined {
  if (some.some((name) => others.includes(name))) return true;
  const kinds = new Set(some.map(kindOfId));
  return others.some((name) => kinds.has(kindOfId(name))) ? false : undefined;
}
