// Text → one record. A text that holds a record as JSON text is opened, one level: exports of
// exports are common.

import type { JsonObject } from '../map-record.ts';

export interface ParsedRecord {
  /** Absent when it is JSON and no object. */
  record: JsonObject | undefined;
  text: string;
}

/** Undefined when the text is no JSON. */
export function parseRecord(text: string): ParsedRecord | undefined {
  const value = parse(text);
  if (value === undefined) return undefined;
  if (typeof value !== 'string') return { record: asObject(value), text: text.trim() };
  const inner = value.trimStart().startsWith('{') ? asObject(parse(value)) : undefined;
  return { record: inner, text: inner === undefined ? text : value.trim() };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}
