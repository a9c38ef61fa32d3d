// A filter as a condition of DuckDB. No text of a filter stands in the SQL: values and paths are bound.
// `not` is pushed down to the comparisons, and only a negated one is told what an absent value means, so
// that the others can pass over whole row groups by their statistics.

import type { Filter, Place } from '../language/filter-tree.ts';
import { spellInJson } from '../match/match-event.ts';
import { BoundValues, type SqlValue } from './bound-values.ts';
import { compareColumn } from './compare-column.ts';
import { compareJson } from './compare-json.ts';
import { containsPattern } from './spell-pattern.ts';

export interface SqlCondition {
  /** Never null in what it leaves out: use it after WHERE, or under `IS TRUE`. */
  sql: string;
  /** For `$1`, `$2`, …, or beginning after those that were taken. */
  values: SqlValue[];
}

/** @param taken how many parameters of the statement come before */
export function compileFilter(filter: Filter, taken = 0): SqlCondition {
  const bound = new BoundValues(taken);
  const sql = compile(filter, true, bound);
  return { sql, values: bound.values };
}

function compile(filter: Filter, wanted: boolean, bound: BoundValues): string {
  switch (filter.kind) {
    case 'not':
      return compile(filter.part, !wanted, bound);
    case 'and':
    case 'or': {
      const word = (filter.kind === 'and') === wanted ? ' AND ' : ' OR ';
      const parts = filter.parts.map((part) => compile(part, wanted, bound));
      if (parts.length === 0) return (filter.kind === 'and') === wanted ? 'TRUE' : 'FALSE';
      return `(${parts.join(word)})`;
    }
    default: {
      const sql = term(filter, bound);
      return wanted ? sql : `((${sql}) IS NOT TRUE)`;
    }
  }
}

type Term = Exclude<Filter, { kind: 'and' | 'or' | 'not' }>;

function term(filter: Term, bound: BoundValues): string {
  if (filter.kind === 'contains') return contains(filter.text, bound);
  const place: Place = filter.place;
  return 'field' in place
    ? compareColumn({ ...filter, place }, bound)
    : compareJson({ ...filter, place }, bound);
}

function contains(text: string, bound: BoundValues): string {
  const spelled = spellInJson(text);
  // Without letters there is no case, and looking for bytes is many times as fast.
  return /[A-Za-z]/.test(spelled)
    ? `regexp_matches(ocsf, ${bound.add(containsPattern(spelled))})`
    : `contains(ocsf, ${bound.add(spelled)})`;
}
