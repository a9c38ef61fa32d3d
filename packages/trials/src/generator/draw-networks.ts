// From which address, network and country a person comes: homes that last, new addresses in them, and now
// and then another network or country. Most addresses are one person's; some are shared behind a NAT.

import { countryNumber } from '../logins.ts';
import type { Dice } from './dice.ts';
import { HOMES, type Knobs } from './knobs.ts';

export interface Place {
  ip: number;
  asn: number;
  country: number;
}

export interface Homes {
  country: number;
  /** Ranks of the networks in the country. */
  asns: readonly number[];
}

const COUNTRIES = HOMES.map(([code]) => countryNumber(code));
const SHARES = HOMES.map(([, share]) => share);
const PATIENCE = 4;

/** Hands out addresses; one for a world. */
export class AddressMarket {
  readonly #knobs: Knobs;
  readonly #shared = new Map<number, number>();
  #addresses = 0;

  constructor(knobs: Knobs) {
    this.#knobs = knobs;
  }

  homes(dice: Dice): Homes {
    const country = this.#country(dice);
    const asns = [this.#rank(dice)];
    if (dice.chance(this.#knobs.secondHome)) asns.push(this.#rank(dice));
    return { country, asns };
  }

  /** The first address of a person: in a home network. */
  first(dice: Dice, homes: Homes): Place {
    return this.#address(dice, homes.country, this.#home(dice, homes), []);
  }

  /** An address that none of `seen` has. */
  another(dice: Dice, homes: Homes, seen: readonly Place[]): Place {
    if (!dice.chance(this.#knobs.newAsn))
      return this.#address(dice, homes.country, this.#home(dice, homes), seen);
    const country = dice.chance(this.#knobs.elsewhere) ? this.#country(dice) : homes.country;
    return this.#address(dice, country, this.#rank(dice), seen);
  }

  /** A new address in the given network, such as an attacker's who sits in it. */
  inNetwork(dice: Dice, { asn, country }: Place, seen: readonly Place[]): Place {
    return this.#address(dice, country, asn % 1000, seen);
  }

  #country(dice: Dice): number {
    return dice.weighted(SHARES);
  }

  #rank(dice: Dice): number {
    return dice.rank(this.#knobs.tails.asn, this.#knobs.asnsPerCountry);
  }

  #home(dice: Dice, { asns }: Homes): number {
    const second = asns.length > 1 && dice.chance(this.#knobs.secondHomeUse);
    return asns[second ? 1 : 0] ?? 1;
  }

  #address(dice: Dice, country: number, rank: number, seen: readonly Place[]): Place {
    const asn = (country + 1) * 1000 + rank;
    const place = { asn, country: COUNTRIES[country] ?? 0 };
    if (dice.chance(this.#knobs.sharedNat))
      for (let tries = 0; tries < PATIENCE; tries++) {
        const ip = this.#nat(dice, asn);
        if (!seen.some((each) => each.ip === ip)) return { ...place, ip };
      }
    this.#addresses++;
    return { ...place, ip: this.#addresses };
  }

  #nat(dice: Dice, asn: number): number {
    const key = asn * 1000 + dice.rank(this.#knobs.tails.nat, this.#knobs.natAddresses);
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    this.#addresses++;
    this.#shared.set(key, this.#addresses);
    return this.#addresses;
  }
}
