// One name for a person whom records name in several ways: the one a person would use, for every name
// that ever stood beside it, in whatever order the records come.

import type { ActivityFacts } from '@countersign/vocabulary';
import { kindOfId } from '../activity.ts';

const BEST_FIRST = ['upn', 'email', 'name', 'oid', 'sub'];
const MOST_NAMES = 200_000;

export class PersonNames {
  /** A name → another of the same person, nearer to the best; the best one is not in it. */
  readonly #better = new Map<string, string>();
  /** An address is of one person, whether a log calls it a user name or a mailbox. */
  readonly #userNames = new Set<string>();

  /** First reading: names that stand together are of one person, unless two are of one kind. */
  learn({ persons = [] }: ActivityFacts): void {
    for (const name of persons)
      if (name.startsWith('upn:') && this.#userNames.size < MOST_NAMES) this.#userNames.add(name);
    if (persons.length < 2 || namesSeveral(persons)) return;
    const [best = '', ...others] = [...new Set(persons.map((name) => this.#find(name)))].sort(
      (a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1),
    );
    for (const other of others) if (this.#better.size < MOST_NAMES) this.#better.set(other, best);
  }

  /** `(nobody named)` for a record that names nobody. */
  nameOf({ persons = [], client }: ActivityFacts): string {
    if (persons.length === 0) return client === undefined ? '(nobody named)' : `client:${client}`;
    const [best = ''] = persons.toSorted((a, b) => rankOf(a) - rankOf(b));
    return this.#find(best);
  }

  #find(name: string): string {
    let found = name;
    for (let next = this.#next(found); next !== undefined; next = this.#next(found)) found = next;
    return found;
  }

  #next(name: string): string | undefined {
    const userName = name.startsWith('email:') ? `upn:${name.slice('email:'.length)}` : undefined;
    if (userName !== undefined && this.#userNames.has(userName)) return userName;
    return this.#better.get(name);
  }
}

/** Who acts for another stands beside him, and is not he. */
function namesSeveral(persons: readonly string[]): boolean {
  const kinds = new Map<string, string>();
  for (const name of persons) {
    const kind = kindOfId(name);
    if (kinds.has(kind) && kinds.get(kind) !== name) return true;
    kinds.set(kind, name);
  }
  return false;
}

function rankOf(name: string): number {
  const rank = BEST_FIRST.indexOf(kindOfId(name));
  return rank < 0 ? BEST_FIRST.length : rank;
}
