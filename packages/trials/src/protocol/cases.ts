// What a trial looked at: every legitimate login and attack of its second part, and every contestant's score
// of each. Columns, so that a million cases and ten contestants are 100 MB.

import type { Population } from '@countersign/vocabulary';

/** 0 = legitimate, 1 + index of ATTACKERS = attack, 4 = an account takeover of the data itself. */
export const LEGIT = 0;

/** History of a login that is scored: how many logins there were before it. */
export const HISTORY_BUCKETS = ['1', '2-4', '5-9', '10+'] as const;

export interface Cases {
  size: number;
  kind: Uint8Array;
  user: Uint32Array;
  row: Uint32Array;
  /** True in the stretch after training from which thresholds are taken; the rest is the test. */
  isValidation: Uint8Array;
  /** Index of HISTORY_BUCKETS. */
  bucket: Uint8Array;
  country: Uint32Array;
  device: Uint32Array;
  population: Population[];
  scores: Record<string, Float64Array>;
}

export function historyBucket(depth: number): number {
  if (depth < 2) return 0;
  if (depth < 5) return 1;
  return depth < 10 ? 2 : 3;
}

/** Grows by doubling; `done` cuts it to size. */
export class CaseList {
  readonly #names: readonly string[];
  #cases: Cases;

  constructor(names: readonly string[]) {
    this.#names = names;
    this.#cases = this.#sized(4096);
  }

  /** @param scores by contestant, in the order of the names */
  add(facts: CaseFacts, scores: readonly number[]): void {
    if (this.#cases.size === this.#cases.kind.length) this.#grow();
    const cases = this.#cases;
    const at = cases.size++;
    cases.kind[at] = facts.kind;
    cases.user[at] = facts.user;
    cases.row[at] = facts.row;
    cases.isValidation[at] = facts.isValidation ? 1 : 0;
    cases.bucket[at] = facts.bucket;
    cases.country[at] = facts.country;
    cases.device[at] = facts.device;
    cases.population[at] = facts.population;
    for (let index = 0; index < this.#names.length; index++)
      cases.scores[this.#names[index]!]![at] = scores[index]!;
  }

  done(): Cases {
    return this.#copy(this.#cases.size);
  }

  #grow(): void {
    this.#cases = this.#copy(this.#cases.kind.length * 2);
  }

  #copy(length: number): Cases {
    const from = this.#cases;
    const to = this.#sized(length);
    const size = Math.min(length, from.size);
    to.size = from.size;
    to.kind.set(from.kind.subarray(0, size));
    to.user.set(from.user.subarray(0, size));
    to.row.set(from.row.subarray(0, size));
    to.isValidation.set(from.isValidation.subarray(0, size));
    to.bucket.set(from.bucket.subarray(0, size));
    to.country.set(from.country.subarray(0, size));
    to.device.set(from.device.subarray(0, size));
    to.population = from.population.slice(0, size);
    for (const name of this.#names) to.scores[name]!.set(from.scores[name]!.subarray(0, size));
    return to;
  }

  #sized(length: number): Cases {
    return {
      size: 0,
      kind: new Uint8Array(length),
      user: new Uint32Array(length),
      row: new Uint32Array(length),
      isValidation: new Uint8Array(length),
      bucket: new Uint8Array(length),
      country: new Uint32Array(length),
      device: new Uint32Array(length),
      population: [],
      scores: Object.fromEntries(this.#names.map((name) => [name, new Float64Array(length)])),
    };
  }
}

export interface CaseFacts {
  kind: number;
  user: number;
  row: number;
  isValidation: boolean;
  bucket: number;
  country: number;
  device: number;
  population: Population;
}
