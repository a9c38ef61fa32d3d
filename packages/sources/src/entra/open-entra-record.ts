// Entra's logs come in three shapes: as Microsoft Graph gives them, as a diagnostic export with
// `properties` inside, and as columns of Log Analytics with nested ones as JSON text. One view by folded
// names; what is inside `properties` says more and wins.

import { foldName, foldNames } from '../reading/fold-names.ts';
import { at, type LooseObject, memberOf, objectOf, textOf } from '../reading/read-text.ts';

export interface EntraRecord {
  get(name: string): unknown;
  text(name: string): string | undefined;
  /** The object at a name, also where it is JSON text. */
  object(name: string): LooseObject | undefined;
  /** A text inside an object, in either spelling of its first letter. */
  inside(name: string, ...path: string[]): string | undefined;
  /** Members no name of which is known, as they were spelt. */
  rest(known: ReadonlySet<string>): Record<string, unknown>;
}

export function openEntraRecord(record: LooseObject): EntraRecord {
  const outer = foldNames(record);
  const properties = objectOf(outer.get('properties'));
  const inner = foldNames(properties ?? {});
  const get = (name: string): unknown => {
    const folded = foldName(name);
    const found = inner.get(folded);
    return says(found) ? found : outer.get(folded);
  };
  const object = (name: string): LooseObject | undefined => objectOf(get(name));
  return {
    get,
    object,
    text: (name) => textOf(get(name)),
    inside: (name, ...path) => textOf(at(object(name), ...path)),
    rest: (known) => ({
      ...restOf(record, known, 'properties'),
      ...restOf(properties ?? {}, known),
    }),
  };
}

function says(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function restOf(
  object: LooseObject,
  known: ReadonlySet<string>,
  besides?: string,
): Record<string, unknown> {
  const rest: Record<string, unknown> = {};
  for (const name of Object.keys(object)) {
    const folded = foldName(name);
    const value = memberOf(object, name);
    if (folded === besides || known.has(folded) || name === '__proto__' || !says(value)) continue;
    if (Array.isArray(value) && value.length === 0) continue;
    rest[name] = value;
  }
  return rest;
}
