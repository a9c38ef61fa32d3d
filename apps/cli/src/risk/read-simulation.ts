// What a policy would have done, as a server says it. Nothing in it is believed to be of its type: an
// answer that is not whole is no answer, and nobody decides about a policy by half of one.

import {
  ACTIONS,
  type ActionCounts,
  type PolicyAction,
  type PolicySimulation,
} from '@countersign/risk';
import { cliError } from '../cli-error.ts';
import { isObject, type JsonObject } from '../http/read-member.ts';

export interface ToldSimulation extends PolicySimulation {
  /** True: there was more than the server looks at, and the oldest were left out. */
  cut: boolean;
}

/** @throws CodedError `answer_malformed`, naming the first member that is wrong */
export function readSimulation(body: unknown): ToldSimulation {
  const told = objectIn(isObject(body) ? body : {}, 'simulation');
  const people = objectIn(told, 'people');
  const compared = objectIn(told, 'compared');
  return {
    policy: textAt(told, 'policy'),
    acts: countAt(told, 'acts'),
    ...momentAt(told, 'fromMs'),
    ...momentAt(told, 'toMs'),
    total: countsFrom(told['total'], 'total'),
    byPopulation: recordAt(told, 'byPopulation', countsFrom),
    byApp: recordAt(told, 'byApp', countsFrom),
    byRule: recordAt(told, 'byRule', countFrom),
    people: {
      seen: countAt(people, 'seen'),
      askedOrDenied: countAt(people, 'askedOrDenied'),
      denied: countAt(people, 'denied'),
      neverIn: countAt(people, 'neverIn'),
      more: flagAt(people, 'more'),
    },
    compared: {
      stricter: countAt(compared, 'stricter'),
      milder: countAt(compared, 'milder'),
      same: countAt(compared, 'same'),
    },
    examples: listAt(told, 'examples').map(exampleFrom),
    // Older servers do not say.
    cut: told['cut'] === undefined ? false : flagAt(told, 'cut'),
  };
}

function countsFrom(value: unknown, place: string): ActionCounts {
  const counts = isObject(value) ? value : refuse(place, 'no counts');
  return {
    allow: countFrom(counts['allow'], `${place}.allow`),
    step_up: countFrom(counts['step_up'], `${place}.step_up`),
    deny: countFrom(counts['deny'], `${place}.deny`),
    limited: countFrom(counts['limited'], `${place}.limited`),
    notified: countFrom(counts['notified'], `${place}.notified`),
  };
}

function exampleFrom(value: unknown, index: number): PolicySimulation['examples'][number] {
  const place = `examples[${index}]`;
  const example = isObject(value) ? value : refuse(place, 'no example');
  const { subject } = example;
  return {
    id: textAt(example, 'id'),
    timeMs: countAt(example, 'timeMs'),
    ...(subject === undefined ? {} : { subject: textAt(example, 'subject') }),
    done: actionAt(example, 'done'),
    would: actionAt(example, 'would'),
  };
}

function objectIn(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isObject(value) ? value : refuse(name, 'missing');
}

function recordAt<T>(
  object: JsonObject,
  name: string,
  read: (value: unknown, place: string) => T,
): Record<string, T> {
  const entries = Object.entries(objectIn(object, name));
  // A null prototype: an app may be called __proto__.
  const record: Record<string, T> = Object.create(null);
  for (const [key, value] of entries) record[key] = read(value, `${name}.${key.slice(0, 64)}`);
  return record;
}

function listAt(object: JsonObject, name: string): unknown[] {
  const value = object[name];
  return Array.isArray(value) ? value : refuse(name, 'no list');
}

function countAt(object: JsonObject, name: string): number {
  return countFrom(object[name], name);
}

function countFrom(value: unknown, place: string): number {
  const right = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
  return right ? value : refuse(place, 'no count');
}

const LAST_MS = 8.64e15;

function momentAt(object: JsonObject, name: 'fromMs' | 'toMs'): { [Name in typeof name]?: number } {
  if (object[name] === undefined) return {};
  const atMs = countAt(object, name);
  return atMs <= LAST_MS ? { [name]: atMs } : refuse(name, 'no moment');
}

function textAt(object: JsonObject, name: string): string {
  const value = object[name];
  return typeof value === 'string' ? value : refuse(name, 'no text');
}

function flagAt(object: JsonObject, name: string): boolean {
  const value = object[name];
  return typeof value === 'boolean' ? value : refuse(name, 'neither true nor false');
}

function actionAt(object: JsonObject, name: string): PolicyAction {
  const found = ACTIONS.find((action) => action === object[name]);
  return found ?? refuse(name, `none of ${ACTIONS.join(', ')}`);
}

function refuse(place: string, what: string): never {
  throw cliError(
    'answer_malformed',
    `The server’s answer is no simulation (${place}: ${what}). Is it a Countersign of this version?`,
  );
}
