// Reads members of JSON that a server sent, without believing their types.

import { cliError } from '../cli-error.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The list under a name. @throws CodedError `answer_malformed` */
export function listIn(body: unknown, name: string): JsonObject[] {
  const list = isObject(body) ? body[name] : undefined;
  if (!Array.isArray(list) || !list.every(isObject))
    throw cliError('answer_malformed', `The server's answer has no list "${name}".`);
  return list;
}

/** Text or a number as text; `-` for what is absent. */
export function textIn(object: JsonObject, name: string): string {
  const value = object[name];
  if (typeof value === 'string' && value !== '') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '-';
}

/** A moment in milliseconds as UTC to the second; `-` for what is absent. */
export function momentIn(object: JsonObject, name: string): string {
  const value = object[name];
  if (typeof value !== 'number' || !Number.isFinite(value) || Math.abs(value) > 8.64e15) return '-';
  return `${new Date(value).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}
