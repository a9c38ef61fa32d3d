// A field or path as something to group by. Of a field with several values the first is taken; a number
// or truth in an event reads as text.

import { FilterFault, fault, refuseFilter } from '../language/filter-problem.ts';
import { isEach, type Place } from '../language/filter-tree.ts';
import { readPlace } from '../language/read-place.ts';
import { BoundValues, type SqlValue } from './bound-values.ts';
import { spellPath } from './compare-json.ts';

export interface SqlKey {
  sql: string;
  values: SqlValue[];
  /** True for fields whose values are numbers. */
  number: boolean;
  /** True for addresses in our spelling. */
  address: boolean;
}

/** @throws CodedError `filter_malformed` */
export function compileKey(name: string, taken = 0): SqlKey {
  const place = readName(name);
  if ('field' in place) {
    const { column, kind } = place.field;
    const number = kind === 'number' || kind === 'time';
    return { sql: column, values: [], number, address: kind === 'ip' };
  }
  const bound = new BoundValues(taken);
  const path = bound.add(spellPath(place.path));
  const sql = `json_extract_string(ocsf, ${path})`;
  return { sql, values: bound.values, number: false, address: false };
}

function readName(name: string): Place {
  const token = { kind: 'bare' as const, text: name, position: 0, length: name.length };
  try {
    const place = readPlace(token);
    if ('field' in place || !place.path.some(isEach)) return place;
    throw fault(token, 'events cannot be grouped by a list.', 'Name one element: items[0].id.');
  } catch (error) {
    if (error instanceof FilterFault) throw refuseFilter(error.problem);
    throw error;
  }
}
