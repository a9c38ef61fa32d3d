// Whether an event in memory matches a filter: what the live tail asks of each event as it comes. Says the
// same as the SQL of the filter says of the stored event; a property test holds the two together.

import type { Comparison, Filter, Place } from '../language/filter-tree.ts';
import { isWithin } from '../values/ip-network.ts';
import { spellIp } from '../values/spell-ip.ts';
import { foldLetters, matchesPattern } from './match-pattern.ts';
import { resolvePath, scalarNumber, scalarText } from './resolve-path.ts';

export type ColumnValue = string | number | null;

export interface SearchableEvent {
  /** By the names of the archive's columns, with `tenant`, `number` and `sequence`. */
  columns: Readonly<Record<string, ColumnValue>>;
  ocsf: unknown;
  /** The stored text of `ocsf`, canonical JSON. */
  text: string;
}

export function matchesEvent(filter: Filter, event: SearchableEvent): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.parts.every((part) => matchesEvent(part, event));
    case 'or':
      return filter.parts.some((part) => matchesEvent(part, event));
    case 'not':
      return !matchesEvent(filter.part, event);
    case 'contains':
      return foldLetters(event.text).includes(foldLetters(spellInJson(filter.text)));
    case 'exists':
      return valuesAt(filter.place, event).length > 0;
    case 'equals':
      return matchesEqual(filter, event);
    case 'like':
      return texts(filter.place, event).some((text) => matchesPattern(filter.pattern, text));
    case 'network':
      return texts(filter.place, event).some((text) => {
        const address = spellIp(text);
        return address !== undefined && isWithin(filter.network, address);
      });
    default:
      return numbers(filter.place, event).some((number) => isOrdered(filter, number));
  }
}

/** As the text stands in the text of an event. */
export function spellInJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function matchesEqual(filter: Filter & { kind: 'equals' }, event: SearchableEvent): boolean {
  const { place, values } = filter;
  if ('field' in place && place.field.kind === 'number') {
    return numbers(place, event).some((number) => values.includes(number));
  }
  return texts(place, event).some((text) => values.includes(text));
}

function isOrdered(filter: Filter & { kind: 'compare' | 'range' }, number: number): boolean {
  if (filter.kind === 'range') return number >= filter.from && number <= filter.to;
  return COMPARE[filter.operator](number, filter.value);
}

const COMPARE: Readonly<Record<Comparison, (left: number, right: number) => boolean>> = {
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};

function valuesAt(place: Place, { columns, ocsf }: SearchableEvent): unknown[] {
  if (!('field' in place)) return resolvePath(ocsf, place.path);
  const { column, more } = place.field;
  const value = columns[column] ?? null;
  const others = more === undefined ? null : (columns[more.column] ?? null);
  return [
    ...(value === null ? [] : [value]),
    ...(others === null ? [] : String(others).split('\n')),
  ];
}

function texts(place: Place, event: SearchableEvent): string[] {
  return valuesAt(place, event).flatMap((value) => scalarText(value) ?? []);
}

function numbers(place: Place, event: SearchableEvent): number[] {
  return valuesAt(place, event).flatMap((value) => scalarNumber(value) ?? []);
}
