// What a map puts nowhere, kept as it is but for secrets and what would nest too deep to be written.

import { isMasked, maskPart } from './mask-secrets.ts';
import type { LooseObject } from './read-text.ts';

/** Members that say something and are not `placed`. */
export function keepRest(
  record: LooseObject,
  placed: ReadonlySet<string>,
): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  const masked = isMasked(record);
  for (const name of Object.keys(record)) {
    const value = record[name];
    if (placed.has(name) || value === null || value === '') continue;
    const sound = masked ? value : maskPart(value);
    if (name === '__proto__') define(kept, name, sound);
    else kept[name] = sound;
  }
  return kept;
}

/** A member like any other; assigning it would change what the object is. */
function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, {
    ...{ value, enumerable: true, writable: true, configurable: true },
  });
}
