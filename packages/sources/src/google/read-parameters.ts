// Parameters of a Workspace event: an array of names with a value in one of seven members, or an object
// in normalised feeds. Case differs per application (`NEW_VALUE`, `new_value`): names are lower case here.

import { type LooseObject, memberOf, objectOf, textOf } from '../reading/read-text.ts';

const MOST_PARAMETERS = 2000;
const DEEPEST_LEVEL = 6;

export type ParameterValue =
  | string
  | readonly ParameterValue[]
  | { [name: string]: ParameterValue };

export interface Parameters {
  /** Lower-case name → value; numbers and booleans are text, as half of the shapes have them. */
  values: ReadonlyMap<string, ParameterValue>;
  /** The same text whatever the shape: sorted, empty ones left out. */
  canonical: string;
}

export function readParameters(given: unknown): Parameters {
  const values = new Map<string, ParameterValue>();
  for (const [name, value] of pairsOf(given, 0)) values.set(name.toLowerCase(), value);
  return {
    values,
    canonical: [...values]
      .map(([name, value]) => `${name}=${spell(value)}`)
      .sort()
      .join('\u0001'),
  };
}

/** The text of the first of some parameters that has one; of several values the first. */
export function parameterOf({ values }: Parameters, ...names: string[]): string | undefined {
  for (const name of names) {
    const value = values.get(name);
    const text = Array.isArray(value) ? value[0] : value;
    if (typeof text === 'string') return text;
  }
  return undefined;
}

/** All texts of a parameter that may have several. */
export function textsOf({ values }: Parameters, name: string): string[] {
  const value = values.get(name);
  const list = Array.isArray(value) ? value : [value];
  return list.filter((one) => typeof one === 'string');
}

function pairsOf(given: unknown, level: number): [string, ParameterValue][] {
  if (Array.isArray(given)) {
    return given.slice(0, MOST_PARAMETERS).flatMap((one) => {
      const parameter = objectOf(one);
      const name = textOf(memberOf(parameter, 'name'));
      const value = parameter === undefined ? undefined : heldBy(parameter, level);
      return name === undefined || value === undefined ? [] : [[name, value]];
    });
  }
  const plain = objectOf(given);
  if (plain === undefined) return [];
  return Object.keys(plain)
    .slice(0, MOST_PARAMETERS)
    .flatMap((name): [string, ParameterValue][] => {
      const value = plainOf(plain[name], level);
      return value === undefined ? [] : [[name, value]];
    });
}

const VALUES = ['value', 'intValue', 'boolValue', 'multiValue', 'multiIntValue', 'multiStrValue'];

function heldBy(parameter: LooseObject, level: number): ParameterValue | undefined {
  for (const member of VALUES) {
    const value = plainOf(memberOf(parameter, member), level);
    if (value !== undefined) return value;
  }
  if (level >= DEEPEST_LEVEL) return undefined;
  const message = memberOf(parameter, 'messageValue');
  if (message !== undefined) return messageOf(message, level + 1);
  const messages = memberOf(parameter, 'multiMessageValue');
  if (!Array.isArray(messages)) return undefined;
  return messages.map((one) => messageOf(one, level + 1)).filter((one) => one !== undefined);
}

function messageOf(message: unknown, level: number): ParameterValue | undefined {
  const inner = memberOf(objectOf(message), 'parameter') ?? message;
  const pairs = pairsOf(inner, level);
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
}

function plainOf(value: unknown, level: number): ParameterValue | undefined {
  if (typeof value !== 'object') return textOf(value);
  if (value === null || level >= DEEPEST_LEVEL) return undefined;
  if (Array.isArray(value)) {
    const all = value
      .slice(0, MOST_PARAMETERS)
      .map((one) => plainOf(one, level + 1))
      .filter((one) => one !== undefined);
    return all.length === 0 ? undefined : all;
  }
  const pairs = pairsOf(value, level + 1);
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
}

function spell(value: ParameterValue): string {
  if (typeof value === 'string') return value;
  // One value in a list and one alone are the same.
  if (Array.isArray(value)) return value.map(spell).join('\u0002');
  return Object.entries(value)
    .map(([name, one]) => `${name.toLowerCase()}:${spell(one)}`)
    .sort()
    .join('\u0003');
}
