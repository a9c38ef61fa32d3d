// Puts attackers into a frame by replacing real logins of people with history, never by adding any: counts,
// gaps and hours stay those of legitimate logins, so that nothing but what the attacker shows can give him away.
// Whom he copies (the donor) comes for the first time just after him: what he shows is then no better known
// in the realm than what a legitimate person shows anew. A donor of the past would leave a fingerprint. Each
// attacker replaces the same logins in turn, so that they can be compared.

import { Dice } from '../generator/dice.ts';
import {
  emptyTraits,
  isNewToUser,
  type Logins,
  linkHistories,
  TRAITS,
  type TraitColumns,
} from '../logins.ts';

/**
 * `naive` shows another person's everything; `vpn` another's of the same country; `targeted` shows what the
 * victim shows, and another person's address in the same network.
 */
export const ATTACKERS = ['naive', 'vpn', 'targeted'] as const;
export type Attacker = (typeof ATTACKERS)[number];

export interface Attacks {
  size: number;
  /** Index of `ATTACKERS`. */
  kind: Uint8Array;
  /** The login that is replaced; never falling, once for each attacker who was placed there. */
  row: Uint32Array;
  /** Whose account, and when: those of the login that is replaced. */
  user: Uint32Array;
  timeMs: Float64Array;
  traits: TraitColumns;
  /** Attacks that were left out, as there was nobody to copy. */
  without: number;
}

export interface PlaceOptions {
  seed: number;
  /** Share of the logins with history that is replaced, by each attacker in turn. */
  share: number;
  /** Which attackers there are; all by default. */
  attackers?: readonly Attacker[];
}

/** A donor is one of so many that come next. */
const CHOICE = 40;

export function placeAttacks(logins: Logins, options: PlaceOptions): Attacks {
  const dice = new Dice(options.seed, 0xa77ac4);
  const donors = findDonors(logins);
  const { depth } = linkHistories(logins);
  const attackers = options.attackers ?? ATTACKERS;
  const placed: { kind: number; row: number; donor: number }[] = [];
  let without = 0;
  for (let row = 0; row < logins.size; row++) {
    if (depth[row] === 0) continue;
    if (!dice.chance(options.share)) continue;
    for (const attacker of attackers) {
      const donor = pickDonor(dice, donors[attacker](row), row, logins);
      if (donor === undefined) without++;
      else placed.push({ kind: ATTACKERS.indexOf(attacker), row, donor });
    }
  }
  return { ...toColumns(logins, placed), without };
}

type Pool = readonly number[] | undefined;

/** By attacker: whose logins may be copied for one on this row, in order of time. */
function findDonors(logins: Logins): Record<Attacker, (row: number) => Pool> {
  const { traits, size } = logins;
  const { depth, previous } = linkHistories(logins);
  const first: number[] = [];
  const byCountry = new Map<number, number[]>();
  const byNetwork = new Map<number, number[]>();
  for (let row = 0; row < size; row++) {
    if (depth[row] === 0) {
      first.push(row);
      append(byCountry, traits.country[row]!, row);
    }
    if (isNewToUser(traits.ip, previous, row)) append(byNetwork, traits.asn[row]!, row);
  }
  return {
    naive: () => first,
    vpn: (row) => byCountry.get(traits.country[row]!),
    targeted: (row) => byNetwork.get(traits.asn[row]!),
  };
}

function append(lists: Map<number, number[]>, key: number, row: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [row]);
  else list.push(row);
}

function pickDonor(dice: Dice, pool: Pool, row: number, { user }: Logins): number | undefined {
  if (pool === undefined) return undefined;
  let from = 0;
  for (let to = pool.length; from < to; ) {
    const middle = (from + to) >> 1;
    if (pool[middle]! > row) to = middle;
    else from = middle + 1;
  }
  const others = pool.slice(from, from + CHOICE).filter((donor) => user[donor] !== user[row]);
  return others[dice.below(others.length)];
}

function toColumns(
  logins: Logins,
  placed: readonly { kind: number; row: number; donor: number }[],
): Omit<Attacks, 'without'> {
  const traits = emptyTraits(placed.length);
  placed.forEach(({ kind, row, donor }, at) => {
    for (const trait of TRAITS) {
      const isVictims = ATTACKERS[kind] === 'targeted' && trait !== 'ip';
      traits[trait][at] = logins.traits[trait][isVictims ? row : donor]!;
    }
  });
  return {
    size: placed.length,
    kind: Uint8Array.from(placed, ({ kind }) => kind),
    row: Uint32Array.from(placed, ({ row }) => row),
    user: Uint32Array.from(placed, ({ row }) => logins.user[row]!),
    timeMs: Float64Array.from(placed, ({ row }) => logins.timeMs[row]!),
    traits,
  };
}
