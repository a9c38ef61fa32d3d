// What was ended before its time: a token, a session, or all that a person held (perhaps at one client).

import type { Activity } from '../activity.ts';

export interface Ended {
  atMs: number;
  /** What the revocation named. */
  by: 'token' | 'session' | 'person';
  at: string;
}

interface PersonEnd extends Ended {
  client?: string;
}

export class Revocations {
  readonly #ids = new Map<string, Ended>();
  readonly #persons = new Map<string, PersonEnd[]>();
  /** Revocations that name nothing a use could be held against. */
  unnamed = 0;
  count = 0;

  add({ timeMs: atMs, facts, at }: Activity): void {
    this.count += 1;
    const { tokens = [], sessions = [], persons = [], client } = facts;
    for (const id of tokens) this.#keepFirst(`t ${id}`, { atMs, by: 'token', at });
    for (const id of sessions) this.#keepFirst(`s ${id}`, { atMs, by: 'session', at });
    // A revocation of one token or session names its person, too, and ends nothing else of theirs.
    if (tokens.length + sessions.length > 0) return;
    if (persons.length === 0) this.unnamed += 1;
    for (const person of persons) {
      const list = this.#persons.get(person) ?? [];
      list.push({ atMs, by: 'person', at, ...(client === undefined ? {} : { client }) });
      this.#persons.set(person, list);
    }
  }

  /** The first end of these ids. */
  ofIds(tokens: readonly string[], sessions: readonly string[]): Ended | undefined {
    const ends = [
      ...tokens.map((id) => this.#ids.get(`t ${id}`)),
      ...sessions.map((id) => this.#ids.get(`s ${id}`)),
    ];
    return earliest(ends);
  }

  /** The first end of all that a person held when a token of that age was about already. */
  ofPersons(
    persons: readonly string[],
    client: string | undefined,
    issuedMs: number,
  ): Ended | undefined {
    const ends = persons.flatMap((person) => this.#persons.get(person) ?? []);
    return earliest(
      ends.filter(
        (end) => end.atMs > issuedMs && (end.client === undefined || end.client === client),
      ),
    );
  }

  #keepFirst(id: string, ended: Ended): void {
    const known = this.#ids.get(id);
    if (known === undefined || known.atMs > ended.atMs) this.#ids.set(id, ended);
  }
}

function earliest(ends: readonly (Ended | undefined)[]): Ended | undefined {
  return ends.reduce((first, end) => {
    if (end === undefined || (first !== undefined && first.atMs <= end.atMs)) return first;
    return end;
  }, undefined);
}
