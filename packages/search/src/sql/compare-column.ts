// Comparisons with a column of the archive. Names of columns come from the table of fields, never from a
// filter.

import type { Field } from '../fields/known-fields.ts';
import type { Filter } from '../language/filter-tree.ts';
import type { BoundValues } from './bound-values.ts';
import { networkCondition } from './network-condition.ts';
import { wholePattern } from './spell-pattern.ts';

type OfColumn = Extract<Filter, { place: unknown }> & { place: { field: Field } };

export function compareColumn(filter: OfColumn, bound: BoundValues): string {
  const { column, lines = false } = filter.place.field;
  switch (filter.kind) {
    case 'exists':
      return `${column} IS NOT NULL`;
    case 'equals':
      return equal(column, lines, filter.values, bound);
    case 'compare':
      return `${column} ${filter.operator} ${bound.add(filter.value)}`;
    case 'range':
      return `${column} BETWEEN ${bound.add(filter.from)} AND ${bound.add(filter.to)}`;
    case 'network':
      return networkCondition(column, filter.network, bound);
    case 'like': {
      // A line never holds a line feed.
      if (lines && filter.pattern.some(hasLineFeed)) return 'FALSE';
      const pattern = bound.add(wholePattern(filter.pattern, lines));
      return `${lines ? 'regexp_matches' : 'regexp_full_match'}(${column}, ${pattern})`;
    }
  }
}

function equal(
  column: string,
  lines: boolean,
  given: readonly (string | number)[],
  bound: BoundValues,
): string {
  const values = lines ? given.filter((value) => !hasLineFeed(value)) : given;
  if (values.length === 0) return 'FALSE';
  const one = `${column} IN (${bound.addAll(values)})`;
  if (!lines) return one;
  const any = `list_has_any(string_split(${column}, chr(10)), [${bound.addAll(values)}])`;
  return `(${one} OR (contains(${column}, chr(10)) AND ${any}))`;
}

function hasLineFeed(value: unknown): boolean {
  return typeof value === 'string' && value.includes('\n');
}
