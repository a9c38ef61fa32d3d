// Arrays of names and values, as Microsoft 365, Entra and Google write them, offered as a map. The
// array itself stays in the record; a name that comes twice keeps its first value that is not empty.

import { type LooseObject, listOf, memberOf, objectOf, textOf } from './read-text.ts';

/** A bag of so many names is somebody's mistake; the rest is read from the raw record. */
const MOST_NAMES = 10_000;

export type NameValues = ReadonlyMap<string, string>;

/**
 * `[{Name, Value}]`, `[{key, value}]`, `[{name, value}]`, also held in text; an object that is such a
 * map already counts too. Values that are objects become their JSON text.
 */
export function nameValuesOf(value: unknown): NameValues {
  const found = new Map<string, string>();
  const plain = objectOf(value);
  const pairs =
    plain !== undefined && nameIn(plain) === undefined
      ? Object.entries(plain)
      : listOf(value).map((one) => pairOf(objectOf(one)));
  for (const [name, held] of pairs) {
    const text = asText(held);
    if (name === undefined || text === undefined || found.has(name)) continue;
    found.set(name, text);
    if (found.size >= MOST_NAMES) break;
  }
  return found;
}

/** A value by the first of some names that is there; names are compared without case. */
export function valueIn(bag: NameValues, ...names: string[]): string | undefined {
  for (const name of names) {
    const exact = bag.get(name);
    if (exact !== undefined) return exact;
    const folded = name.toLowerCase();
    for (const [known, value] of bag) if (known.toLowerCase() === folded) return value;
  }
  return undefined;
}

/** The value as it would read: text as it is, anything else as compact JSON. */
export function asText(value: unknown): string | undefined {
  const text = textOf(value);
  if (text !== undefined) return text;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : undefined;
}

function pairOf(pair: LooseObject | undefined): [string | undefined, unknown] {
  return [nameIn(pair), memberOf(pair, 'Value') ?? memberOf(pair, 'value')];
}

function nameIn(pair: LooseObject | undefined): string | undefined {
  return textOf(
    memberOf(pair, 'Name') ??
      memberOf(pair, 'name') ??
      memberOf(pair, 'Key') ??
      memberOf(pair, 'key'),
  );
}
