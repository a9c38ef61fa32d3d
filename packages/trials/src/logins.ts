// A frame of successful logins in order of time, as columns of numbers: what the generator makes, what the
// loader of the published data set makes, and what every trial runs over.

import type { Population } from '@countersign/vocabulary';

/** What a login shows, as far as the published data set goes. */
export const TRAITS = ['ip', 'asn', 'country', 'ua', 'browser', 'os', 'device'] as const;
export type Trait = (typeof TRAITS)[number];

/** One whole number per row and trait, 1 or more; 0 = not known. Countries are c1·256 + c2. */
export type TraitColumns = Record<Trait, Uint32Array>;

export interface Logins {
  size: number;
  /** Dense, 0 … users − 1. */
  user: Uint32Array;
  users: number;
  /** Milliseconds since the Unix epoch, never falling from row to row. */
  timeMs: Float64Array;
  traits: TraitColumns;
  /** By user. */
  population: readonly Population[];
  /** By device number, such as `mobile`; empty where unknown. */
  deviceNames: readonly string[];
}

export interface Histories {
  /** By row: the row of the same user before it, −1 for the first. */
  previous: Int32Array;
  /** By row: how many logins the user had before. */
  depth: Uint32Array;
}

/** Ties every login to the one before it of the same user. */
export function linkHistories({ size, user, users }: Logins): Histories {
  const last = new Int32Array(users).fill(-1);
  const previous = new Int32Array(size);
  const depth = new Uint32Array(size);
  for (let row = 0; row < size; row++) {
    const who = user[row]!;
    const before = last[who]!;
    previous[row] = before;
    depth[row] = before < 0 ? 0 : depth[before]! + 1;
    last[who] = row;
  }
  return { previous, depth };
}

/** Asks the person's own past, nearest first: a table of what everybody showed would be half a gigabyte. */
export function isNewToUser(column: Uint32Array, previous: Int32Array, row: number): boolean {
  for (let before = previous[row]!; before >= 0; before = previous[before]!)
    if (column[before] === column[row]) return false;
  return true;
}

/** The frame as it was after its first logins; nothing is copied. */
export function firstLogins(logins: Logins, most: number): Logins {
  if (logins.size <= most) return logins;
  const traits = emptyTraits(0);
  for (const trait of TRAITS) traits[trait] = logins.traits[trait].subarray(0, most);
  const [user, timeMs] = [logins.user.subarray(0, most), logins.timeMs.subarray(0, most)];
  return { ...logins, size: most, user, timeMs, traits };
}

export function emptyTraits(size: number): TraitColumns {
  const columns = {} as TraitColumns;
  for (const trait of TRAITS) columns[trait] = new Uint32Array(size);
  return columns;
}

/** `NO` as 20047, so that a country is a number like everything else. */
export function countryNumber(code: string): number {
  return code.charCodeAt(0) * 256 + code.charCodeAt(1);
}

/** The reverse; empty for 0. */
export function countryCode(number: number): string {
  return number === 0 ? '' : String.fromCharCode(number >> 8, number & 255);
}
