// A scope as a filter of its own, joined to what was asked by `and`: there is no way to write a filter that
// sees past it. Persons are compared exactly: folded spellings may be those of two persons.

import { type Filter, findField } from '@countersign/search';
import { foldPerson } from '../columns.ts';
import type { SearchScope } from './search-request.ts';

const OURS = ['unmapped', 'countersign'];

export function scopeFilter({ tenant, person }: SearchScope): Filter {
  const parts: Filter[] = [];
  if (tenant !== undefined) parts.push(column('tenant', tenant));
  if (person !== undefined) {
    const { subject, realm } = person;
    parts.push(
      // The column finds quickly what the event itself then has to say.
      column('person', foldPerson(subject)),
      path('sub', subject),
      // What others say of somebody is not what we know of this person.
      { kind: 'not', part: { kind: 'exists', place: { field: known('source') } } },
    );
    if (realm !== undefined) parts.push(path('realm', realm));
  }
  return { kind: 'and', parts };
}

function column(name: string, value: string): Filter {
  return { kind: 'equals', place: { field: known(name) }, values: [value] };
}

function path(member: string, value: string): Filter {
  const steps = [...OURS, member];
  return { kind: 'equals', place: { path: steps, spelled: steps.join('.') }, values: [value] };
}

function known(name: string) {
  const field = findField(name);
  if (field === undefined) throw new Error(`there is no field ${name}`);
  return field;
}
