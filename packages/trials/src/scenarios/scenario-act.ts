// Writes the acts of a scenario: a subject with a home, and what differs from it.

import { ATTRIBUTE_INDEX, ATTRIBUTES, type Attribute, type RiskInput } from '@countersign/risk';
import { Dice } from '../generator/dice.ts';
import { countryNumber } from '../logins.ts';

export type Values = Partial<Record<Attribute, number>>;
export type ActFacts = Partial<Omit<RiskInput, 'values' | 'flags'>> & {
  flags?: Partial<RiskInput['flags']>;
};

/** The moment of the attack; what came before has earlier times. */
export const NOW_MS = Date.UTC(2026, 5, 17, 10);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const LARGEST = 2 ** 31;

const NO_FLAGS: RiskInput['flags'] = {
  ...{ hosting: false, vpn: false, tor: false, relay: false, bot: false, implausible: false },
};

/** Somewhere to be: address, network, operator, country, and a browser of one's own. */
export function drawPlace(dice: Dice, country: string): Values {
  const id = (): number => 1 + dice.below(LARGEST);
  return {
    ...{ ip: id(), net: id(), asn: id(), country: countryNumber(country) },
    ...{ ua: id(), browser: id(), os: id(), device: 1 + dice.below(3), ja4: id() },
  };
}

export function act(values: Values, facts: ActFacts = {}): RiskInput {
  const all = new Float64Array(ATTRIBUTES.length);
  for (const [name, value] of Object.entries(values))
    all[ATTRIBUTE_INDEX[name as Attribute]] = value;
  return {
    ...{ kind: 'sign_in', timeMs: NOW_MS, population: 'customer', subjectKind: 'person' },
    ...{ outcome: 'success', methods: ['pwd'], labels: {}, missing: [], subjectKey: '7' },
    ...facts,
    values: all,
    flags: { ...NO_FLAGS, ...facts.flags },
  };
}

/** One act a day for three weeks, the last the day before the attack. */
export function threeWeeks(values: Values, facts: ActFacts = {}, until = NOW_MS): RiskInput[] {
  return Array.from({ length: 21 }, (_, day) =>
    act(values, { ...facts, timeMs: until - (21 - day) * DAY }),
  );
}

/** So many wrong passwords from one network, on as many people, within half an hour. */
export function failures(from: Values, count: number, isKnown: boolean): RiskInput[] {
  const dice = new Dice(count, 3);
  return Array.from({ length: count }, (_each, at) => {
    const { subjectKey, ...nobody } = act(from, {
      ...{ outcome: 'failure', failure: isKnown ? 'wrong_password' : 'unknown_account' },
      ...{
        timeMs: NOW_MS - 30 * MINUTE + at * 1000,
        subjectKey: String(100 + dice.below(LARGEST)),
      },
    });
    return isKnown && subjectKey !== undefined ? { ...nobody, subjectKey } : nobody;
  });
}
