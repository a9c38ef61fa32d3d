// Comparisons with a column of the archive. Names of columns come from the table of fields, never from a
// filter.

import type { Field } from '../fields/known-fields.ts';
import type { Filter } from '../language/filter-tree.ts';
import type { BoundValues } from './bound-values.ts';
import { networkCondition } from './network-condition.ts';
import { wholePattern } from './spell-pattern.ts';

type OfColumn = Extract<Filter, { place: unknown }> & { place: { field: Field } };

export function compareColumn(filter: OfColumn, bound: BoundValues): string {
  const { column, more } = filter.place.field;
  switch (filter.kind) {
    case 'exists':
      return `${column} IS NOT NULL`;
    case 'equals':
      return equal(filter.place.field, filter.values, bound);
    case 'compare':
      return `${column} ${filter.operator} ${bound.add(filter.value)}`;
    case 'range':
      return `${column} BETWEEN ${bound.add(filter.from)} AND ${bound.add(filter.to)}`;
    case 'network':
      return networkCondition(column, filter.network, bound);
    case 'like': {
      const whole = bound.add(wholePattern(filter.pattern, false));
      const one = `regexp_full_match(${column}, ${whole})`;
      // A line never holds a line feed.
      if (more === undefined || filter.pattern.some(hasLineFeed)) return one;
      const line = bound.add(wholePattern(filter.pattern, true));
      return `(${one} OR coalesce(regexp_matches(${more.column}, ${line}), FALSE))`;
    }
  }
}

/** `upn:…`, `uti:…`: the archive keeps no other ids among the further values. */
const SAYS_WHAT = /^[a-z][A-Za-z]*:/;

function equal(
  { column, more }: Field,
  values: readonly (string | number)[],
  bound: BoundValues,
): string {
  const one = `${column} IN (${bound.addAll(values)})`;
  if (more === undefined) return one;
  // Alone, the one column is passed over by its bloom filters: so most searches for a person are.
  const others = values.filter(
    (value) => !hasLineFeed(value) && (more.holds === 'any' || SAYS_WHAT.test(String(value))),
  );
  if (others.length === 0) return one;
  const any = `list_has_any(string_split(${more.column}, chr(10)), [${bound.addAll(others)}])`;
  return `(${one} OR coalesce(${any}, FALSE))`;
}

function hasLineFeed(value: unknown): boolean {
  return typeof value === 'string' && value.includes('\n');
}
