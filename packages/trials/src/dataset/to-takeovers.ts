// Account takeovers that the data set names, placed into the frame: each is looked at just before the first
// login after it, with its own person and time.

import type { Attacks } from '../attackers/place-attacks.ts';
import { emptyTraits, type Logins, TRAITS } from '../logins.ts';
import type { KeptRow } from './login-columns.ts';

/** The kind after those that are simulated. */
export const TAKEOVER_KIND = 3;

export function toTakeovers(logins: Logins, rows: readonly KeptRow[]): Attacks {
  const placed = rows
    .map((kept) => ({ kept, row: firstAfter(logins, kept.timeMs) }))
    .filter(({ row }) => row < logins.size)
    .sort((one, other) => one.row - other.row);
  const traits = emptyTraits(placed.length);
  placed.forEach(({ kept }, at) => {
    for (const trait of TRAITS) traits[trait][at] = kept[trait];
  });
  return {
    size: placed.length,
    kind: new Uint8Array(placed.length).fill(TAKEOVER_KIND),
    row: Uint32Array.from(placed, ({ row }) => row),
    user: Uint32Array.from(placed, ({ kept }) => kept.user),
    timeMs: Float64Array.from(placed, ({ kept }) => kept.timeMs),
    traits,
    without: rows.length - placed.length,
  };
}

function firstAfter({ timeMs, size }: Logins, when: number): number {
  let from = 0;
  for (let to = size; from < to; ) {
    const middle = (from + to) >> 1;
    if (timeMs[middle]! > when) to = middle;
    else from = middle + 1;
  }
  return from;
}
