// One name for a person whom records name in several ways: the one a person would use, kept for every
// other name that ever stood beside it.

import type { ActivityFacts } from '@countersign/vocabulary';
import { kindOfId } from '../activity.ts';

const BEST_FIRST = ['upn', 'email', 'name', 'oid', 'sub'];
const MOST_ALIASES = 200_000;

/** `(nobody named)` for a record that names nobody. */
export function nameOfPerson(facts: ActivityFacts, aliases: Map<string, string>): string {
  const { persons = [], client } = facts;
  if (persons.length === 0) return client === undefined ? '(nobody named)' : `client:${client}`;
  const known = persons.map((name) => aliases.get(name)).find((name) => name !== undefined);
  const [best = ''] = persons.toSorted((a, b) => rankOf(a) - rankOf(b));
  const name = known ?? best;
  if (aliases.size < MOST_ALIASES) for (const each of persons) aliases.set(each, name);
  return name;
}

function rankOf(name: string): number {
  const rank = BEST_FIRST.indexOf(kindOfId(name));
  return rank < 0 ? BEST_FIRST.length : rank;
}
