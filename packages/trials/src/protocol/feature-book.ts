// The relation features of any login, from what was before it. One history for all the baselines that
// are learned on the same features, so that they differ in how they learn and in nothing else.

import {
  ATTRIBUTES,
  Profile,
  RELATION_FEATURES,
  RealmCounts,
  writeRelationRow,
} from '@countersign/risk';
import type { Logins, TraitColumns } from '../logins.ts';
import { fillValues } from './to-training-rows.ts';

const MOST_VALUES = 2 ** 20;

export class FeatureBook {
  readonly #logins: Logins;
  readonly #counts = new RealmCounts({ maxValues: MOST_VALUES });
  readonly #profiles: (Profile | undefined)[];
  readonly #lastRow: Uint32Array;
  readonly #values = new Float64Array(ATTRIBUTES.length);

  constructor(logins: Logins) {
    this.#logins = logins;
    this.#profiles = new Array(logins.users);
    this.#lastRow = lastRows(logins);
  }

  /** Writes the features of a look. @param out as long as `RELATION_FEATURES` */
  describe(
    user: number,
    timeMs: number,
    traits: TraitColumns,
    at: number,
    out: Float64Array,
  ): void {
    fillValues(traits, at, this.#values);
    const profile = this.#profiles[user] ?? EMPTY;
    writeRelationRow(profile, this.#counts, undefined, this.#values, timeMs, true, out);
  }

  learn(row: number): void {
    const user = this.#logins.user[row]!;
    const timeMs = this.#logins.timeMs[row]!;
    fillValues(this.#logins.traits, row, this.#values);
    this.#counts.learn(this.#values, timeMs);
    // Nobody asks about a person who never comes again: memory is for those who do.
    if (this.#lastRow[user] === row) {
      this.#profiles[user] = undefined;
      return;
    }
    const profile = this.#profiles[user] ?? new Profile();
    profile.learn(this.#values, timeMs);
    this.#profiles[user] = profile;
  }
}

const EMPTY = new Profile();
export const FEATURE_COUNT = RELATION_FEATURES.length;

/** By user: the row of the last login. */
export function lastRows({ size, user, users }: Logins): Uint32Array {
  const last = new Uint32Array(users);
  for (let row = 0; row < size; row++) last[user[row]!] = row;
  return last;
}
