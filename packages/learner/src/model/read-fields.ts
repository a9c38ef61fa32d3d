// Reads what JSON.parse gave, strictly: exactly these members, of exactly these types, within limits.
// Nothing here recurses, so that no nesting of a hostile file is too deep for the stack.

import { learnerRefusal } from '../learner-error.ts';
import { MOST_COLUMNS } from '../matrix.ts';
import type { JsonValue } from './model.ts';
import { MODEL_LIMITS } from './model-limits.ts';

export function malformed(detail: string, cause?: unknown): Error {
  return learnerRefusal(
    'model_malformed',
    'This model is damaged. Make it anew or fetch it again.',
    {
      detail,
      cause,
    },
  );
}

/** An object with these members and no others. */
export function readFields<Name extends string>(
  value: unknown,
  names: readonly Name[],
  what: string,
): Record<Name, unknown> {
  if (!isObject(value)) throw malformed(`${what} is not an object.`);
  const own = Object.keys(value);
  const missing = names.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) throw malformed(`${what} has no ${missing}.`);
  if (own.length !== names.length) throw malformed(`${what} has members that are not known.`);
  return value as Record<Name, unknown>;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function readList(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed(`${what} is not a list.`);
  return value;
}

/** Finite numbers only: JSON can spell 1e999. */
export function readNumbers(value: unknown, what: string): readonly number[] {
  const list = readList(value, what);
  if (!list.every((item) => Number.isFinite(item)))
    throw malformed(`${what} holds what is not a number.`);
  return list as number[];
}

export function readNumber(value: unknown, what: string): number {
  if (!Number.isFinite(value)) throw malformed(`${what} is not a number.`);
  return value as number;
}

/** Names of columns, all different. */
export function readNames(value: unknown, what: string): readonly string[] {
  const list = readList(value, what);
  const isName = (item: unknown): boolean =>
    typeof item === 'string' && item.length >= 1 && item.length <= MODEL_LIMITS.nameLength;
  if (list.length < 1 || list.length > MOST_COLUMNS || !list.every(isName))
    throw malformed(`${what} are not names.`);
  if (new Set(list).size !== list.length) throw malformed(`${what} have a name twice.`);
  return list as string[];
}

/** Anything JSON can say, but no deeper and no larger than this. */
export function readJson(value: unknown, most: number, what: string): JsonValue {
  let size = 0;
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MODEL_LIMITS.jsonDepth) throw malformed(`${what} is nested too deep.`);
    const below: unknown[] = [];
    for (const item of level) {
      size += 1 + (typeof item === 'string' ? item.length : 0);
      if (typeof item === 'number' && !Number.isFinite(item))
        throw malformed(`${what} holds what is not a number.`);
      if (item === undefined || typeof item === 'function' || typeof item === 'bigint')
        throw malformed(`${what} holds what JSON cannot say.`);
      if (Array.isArray(item)) for (const child of item) below.push(child);
      else if (isObject(item))
        for (const [name, child] of Object.entries(item)) {
          size += name.length;
          below.push(child);
        }
      if (size + below.length > most) throw malformed(`${what} is too large.`);
    }
    level = below;
  }
  return value as JsonValue;
}
