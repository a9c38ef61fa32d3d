// The values a path leads to in an event, and how a value reads as text.

import type { Step } from '../language/filter-tree.ts';

/** One where the path has no `[]`; absent members and JSON null are left out. */
export function resolvePath(event: unknown, path: readonly Step[]): unknown[] {
  let values: unknown[] = [event];
  for (const step of path) values = values.flatMap((value) => take(value, step));
  return values.filter((value) => value !== null && value !== undefined);
}

function take(value: unknown, step: Step): unknown[] {
  if (step === '[]') return Array.isArray(value) ? value : [];
  if (typeof step === 'number') return Array.isArray(value) ? [value[step]] : [];
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject || !Object.hasOwn(value, step)) return [];
  return [(value as Record<string, unknown>)[step]];
}

/** As DuckDB reads it out of JSON, without quotes; undefined for objects and arrays. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value).replace('e+', 'e');
  return typeof value === 'boolean' ? String(value) : undefined;
}

const NUMBER = /^-?[0-9]{1,15}(?:\.[0-9]{1,15})?$/;

/** Of a number, or of a text that is one. */
export function scalarNumber(value: unknown): number | undefined {
  const text = scalarText(value);
  return text !== undefined && NUMBER.test(text) ? Number(text) : undefined;
}
