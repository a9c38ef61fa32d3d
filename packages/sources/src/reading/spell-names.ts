// Field names as the source spells them. Some pipes hand records on with all names in lower case; they
// are turned back through a map of the names we read, never by guessing.

import type { LooseObject } from './read-text.ts';

/** Lower case → as the source spells it. */
export type Spelling = ReadonlyMap<string, string>;

const DEEPEST_LEVEL = 8;

export function spellingOf(...names: readonly string[]): Spelling {
  return new Map(names.map((name) => [name.toLowerCase(), name]));
}

/**
 * The record itself when its names need nothing, as nearly always; otherwise a copy, in which members
 * that nobody asked for keep their names. A name that is there in its own spelling is never replaced.
 */
export function spellNames(record: LooseObject, spelling: Spelling): LooseObject {
  for (const name of Object.keys(record)) {
    const meant = spelling.get(name);
    if (meant !== undefined && meant !== name) return respell(record, spelling, 0);
  }
  return record;
}

function respell(object: LooseObject, spelling: Spelling, level: number): LooseObject {
  // fromEntries defines members, so one named `__proto__` stays a member.
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => {
      const meant = spelling.get(name);
      const spelled = meant === undefined || Object.hasOwn(object, meant) ? name : meant;
      return [spelled, level < DEEPEST_LEVEL ? respellValue(value, spelling, level + 1) : value];
    }),
  );
}

function respellValue(value: unknown, spelling: Spelling, level: number): unknown {
  if (Array.isArray(value)) {
    return level < DEEPEST_LEVEL
      ? value.map((one) => respellValue(one, spelling, level + 1))
      : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  return respell(value as LooseObject, spelling, level);
}
