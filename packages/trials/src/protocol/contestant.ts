// What takes part in a trial: something that says how odd a login is, from what was before it only.

import type { Logins, TraitColumns } from '../logins.ts';

/** One login that is looked at: a real one, or an attacker's in its place. */
export interface Look {
  user: number;
  timeMs: number;
  /** How many logins the user had before. */
  depth: number;
  /** Where to read what it shows: the frame's columns or the attackers'. */
  traits: TraitColumns;
  at: number;
  /** The relation features of this look. */
  features: Float64Array;
}

export interface Contestant {
  name: string;
  /** Higher is odder. Changes nothing. */
  score(look: Look): number;
  /** The real login of a row, once it is over. Attacks are learned by nobody. */
  learn?(row: number, logins: Logins): void;
}
