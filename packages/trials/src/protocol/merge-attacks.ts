// Attacks that are simulated and those that the data itself names, in one list in order of rows.

import type { Attacks } from '../attackers/place-attacks.ts';
import { emptyTraits, TRAITS } from '../logins.ts';

export function mergeAttacks(one: Attacks, other: Attacks): Attacks {
  const places = [
    ...Array.from(one.row, (row, at) => ({ row, at, from: one })),
    ...Array.from(other.row, (row, at) => ({ row, at, from: other })),
  ].sort((a, b) => a.row - b.row);
  const traits = emptyTraits(places.length);
  for (const trait of TRAITS)
    places.forEach(({ from, at }, index) => {
      traits[trait][index] = from.traits[trait][at]!;
    });
  return {
    size: places.length,
    kind: Uint8Array.from(places, ({ from, at }) => from.kind[at]!),
    row: Uint32Array.from(places, ({ row }) => row),
    user: Uint32Array.from(places, ({ from, at }) => from.user[at]!),
    timeMs: Float64Array.from(places, ({ from, at }) => from.timeMs[at]!),
    traits,
    without: one.without + other.without,
  };
}
