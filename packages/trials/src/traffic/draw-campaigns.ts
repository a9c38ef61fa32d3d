// Attackers who try many passwords. Assumptions, not measurements: nobody publishes what campaigns look like
// from the inside, so sizes vary over orders of magnitude, and half of them sit in networks that people use, too.

import { ATTRIBUTE_INDEX } from '@countersign/risk';
import type { Dice } from '../generator/dice.ts';
import type { Logins } from '../logins.ts';
import { CAMPAIGNS, type Campaign, setPlace, type TrafficAct, valuesOf } from './traffic-act.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Days without attackers: people become known. */
const QUIET_DAYS = 20;
const DAYS_BETWEEN = 1.5;
/** Accounts that are tried are those of the latest logins, and what is shown is of the next ones. */
const [LATEST, NEXT] = [4000, 40];
const FIRST_ADDRESS = 5e8;
const FIRST_NET = 1e12;
/** Networks that no person is in: data centres. */
const [FIRST_HOSTER, HOSTERS] = [900_000, 50];
const ACCEPTED = 0.015;

interface Size {
  addresses: number;
  nets: number;
  attempts: number;
  minutes: number;
  /** Share of the names that nobody has. */
  unknown: number;
}

const SIZES: Readonly<Record<Campaign, (dice: Dice) => Size>> = {
  spray: (dice) => ({
    ...{ addresses: 1 + dice.below(3), nets: 1, unknown: 0 },
    ...{ attempts: 60 + dice.exponential(150), minutes: 10 + dice.exponential(120) },
  }),
  stuffing: (dice) => ({
    ...{ addresses: 5 + dice.below(45), nets: 1 + dice.below(8), unknown: 0.7 },
    ...{ attempts: 200 + dice.exponential(600), minutes: 10 + dice.exponential(120) },
  }),
  'brute force': (dice) => ({
    ...{ addresses: 1, nets: 1, unknown: 0 },
    ...{ attempts: 15 + dice.below(60), minutes: 10 + dice.exponential(120) },
  }),
  spread: (dice) => ({
    ...{ addresses: 60 + dice.below(240), nets: 0, unknown: 0.5 },
    ...{ attempts: 100 + dice.exponential(300), minutes: 10 + dice.exponential(600) },
  }),
};

export function drawCampaigns(dice: Dice, logins: Logins): TrafficAct[] {
  const acts: TrafficAct[] = [];
  let address = FIRST_ADDRESS;
  const last = logins.timeMs[logins.size - 1] ?? 0;
  let at = (logins.timeMs[0] ?? 0) + QUIET_DAYS * DAY;
  for (let near = 0; at < last; at += dice.exponential(DAYS_BETWEEN * DAY)) {
    while (logins.timeMs[near]! < at) near++;
    const campaign = CAMPAIGNS[dice.below(CAMPAIGNS.length)]!;
    const size = SIZES[campaign](dice);
    acts.push(...play(dice, logins, { campaign, size, at, near, address }));
    address += size.addresses;
  }
  return acts;
}

interface Played {
  campaign: Campaign;
  size: Size;
  at: number;
  /** The login that comes next. */
  near: number;
  /** Its first address. */
  address: number;
}

function* play(dice: Dice, logins: Logins, played: Played): Generator<TrafficAct> {
  const { campaign, size, at, near, address } = played;
  const latest = () => Math.max(0, near - 1 - dice.below(Math.min(near, LATEST)));
  const { asn: ASN, country: COUNTRY } = ATTRIBUTE_INDEX;
  const seat = valuesOf(logins, latest());
  const asn = dice.chance(0.5) ? seat[ASN]! : FIRST_HOSTER + dice.below(HOSTERS);
  const one = logins.user[latest()]!;
  const show = (): Float64Array => {
    const values = valuesOf(logins, Math.min(logins.size - 1, near + dice.below(NEXT)));
    const from = dice.below(size.addresses);
    if (size.nets > 0) {
      values[COUNTRY] = seat[COUNTRY]!;
      return setPlace(values, address + from, asn, FIRST_NET + address + (from % size.nets));
    }
    const home = valuesOf(logins, latest());
    values[COUNTRY] = home[COUNTRY]!;
    return setPlace(values, address + from, home[ASN]!);
  };
  const attempts = Math.round(size.attempts);
  const span = size.minutes * MINUTE;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const isLast = campaign === 'brute force' && attempt === attempts;
    const failed = campaign === 'brute force' ? !isLast : !dice.chance(ACCEPTED);
    const timeMs = isLast ? at + span : at + dice.uniform() * span;
    const account = campaign === 'brute force' ? one : logins.user[latest()]!;
    const subject = failed && dice.chance(size.unknown) ? -1 : account;
    yield { timeMs, values: show(), subject, failed, campaign };
  }
}
