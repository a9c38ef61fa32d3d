// Issues by token id, session id and person. One object an issue and no copy of the record: the
// README says what a million of them take.

import type { Issue } from './issue.ts';

const NONE: readonly Issue[] = [];

export class IssueIndex {
  readonly #most: number;
  #all: Issue[] = [];
  #tokens = new Map<string, Issue[]>();
  #sessions = new Map<string, Issue[]>();
  #persons = new Map<string, Issue[]>();
  #sorted = true;
  /** Everything before this was dropped for want of room; -Infinity when nothing was. */
  cutMs = Number.NEGATIVE_INFINITY;
  /** How many were dropped. */
  dropped = 0;

  constructor(most: number) {
    this.#most = Math.max(2, most);
  }

  get size(): number {
    return this.#all.length;
  }

  add(issue: Issue): void {
    if (issue.timeMs < this.cutMs) {
      this.dropped += 1;
      return;
    }
    this.#all.push(issue);
    this.#enter(issue);
    if (this.#all.length > this.#most) this.#dropOlderHalf();
  }

  byToken(id: string): readonly Issue[] {
    return this.#tokens.get(id) ?? NONE;
  }

  bySession(id: string): readonly Issue[] {
    return this.#sessions.get(id) ?? NONE;
  }

  /** Of one person between two moments, both included, oldest first. */
  *ofPerson(person: string, fromMs: number, toMs: number): Generator<Issue> {
    this.#sort();
    const list = this.#persons.get(person) ?? NONE;
    for (let at = firstFrom(list, fromMs); at < list.length; at += 1) {
      const issue = list[at] as Issue;
      if (issue.timeMs > toMs) return;
      yield issue;
    }
  }

  #enter(issue: Issue): void {
    for (const id of issue.tokens) push(this.#tokens, id, issue);
    for (const id of issue.sessions) push(this.#sessions, id, issue);
    for (const id of holdersOf(issue)) push(this.#persons, id, issue);
    this.#sorted = false;
  }

  #sort(): void {
    if (this.#sorted) return;
    for (const list of this.#persons.values()) list.sort((a, b) => a.timeMs - b.timeMs);
    this.#sorted = true;
  }

  #dropOlderHalf(): void {
    const times = Float64Array.from(this.#all, ({ timeMs }) => timeMs).sort();
    // Strictly later, or a log in which all happened in one moment would never shrink.
    this.cutMs = (times[times.length >> 1] as number) + 1;
    const kept = this.#all.filter(({ timeMs }) => timeMs >= this.cutMs);
    this.dropped += this.#all.length - kept.length;
    this.#all = kept;
    this.#tokens = new Map();
    this.#sessions = new Map();
    this.#persons = new Map();
    for (const issue of kept) this.#enter(issue);
  }
}

/** Under whom an issue is kept: its persons, or the client that got it for itself. */
export function holdersOf(of: {
  persons?: readonly string[] | undefined;
  client?: string | undefined;
}): readonly string[] {
  if (of.persons !== undefined && of.persons.length > 0) return of.persons;
  return of.client === undefined ? [] : [`client:${of.client}`];
}

function push(map: Map<string, Issue[]>, key: string, issue: Issue): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [issue]);
  else list.push(issue);
}

function firstFrom(list: readonly Issue[], fromMs: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] as Issue).timeMs < fromMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
