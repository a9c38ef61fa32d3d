// A filter as it was understood: every value has the form its field is compared by, so that whoever runs
// it has nothing left to refuse.

import type { Field } from '../fields/known-fields.ts';
import type { IpNetwork } from '../values/ip-network.ts';

/** One step of a path into an event: a member, one element, or each element in turn. */
export type Step = string | number | '[]';

export type Place = { field: Field } | { path: readonly Step[]; spelled: string };

export type Comparison = '<' | '<=' | '>' | '>=';

export type Filter =
  /** No parts: everything, or nothing. */
  | { kind: 'and' | 'or'; parts: readonly Filter[] }
  | { kind: 'not'; part: Filter }
  /** Anywhere in the text of the event, whatever the case of A to Z. */
  | { kind: 'contains'; text: string }
  | { kind: 'exists'; place: Place }
  | { kind: 'equals'; place: Place; values: readonly (string | number)[] }
  | { kind: 'compare'; place: Place; operator: Comparison; value: number }
  /** Both ends belong to it. */
  | { kind: 'range'; place: Place; from: number; to: number }
  /** The whole value: `*` any text, `?` one character, whatever the case of A to Z. */
  | { kind: 'like'; place: Place; pattern: Pattern }
  | { kind: 'network'; place: Place; network: IpNetwork };

/** A pattern in pieces. */
export type Pattern = readonly (string | { any: 'text' | 'character' })[];

export const FILTER_LIMITS = {
  /** Characters of a filter. */
  length: 4096,
  /** Comparisons, over all. */
  terms: 100,
  /** Parentheses and `not` within each other. */
  depth: 16,
  /** Values in one list. */
  values: 100,
  /** Characters of one value. */
  text: 512,
  /** Wildcards in one pattern. */
  wildcards: 8,
  /** Steps of a path. */
  steps: 12,
} as const;

/** An element of an array is told from a member by its type: `[]` is no name a member can have here. */
export function isEach(step: Step): step is '[]' {
  return step === '[]';
}
