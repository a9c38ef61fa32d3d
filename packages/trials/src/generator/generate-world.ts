// A year of logins of made-up people, by seed. What is drawn and how often is in `knobs.ts`; nothing here
// knows of attackers, which `place-attacks.ts` puts in afterwards.

import type { Population } from '@countersign/vocabulary';
import { emptyTraits, type Logins, TRAITS } from '../logins.ts';
import { Dice } from './dice.ts';
import { type Agent, AgentMarket } from './draw-agents.ts';
import { AddressMarket, type Place } from './draw-networks.ts';
import { drawTimes } from './draw-times.ts';
import { DEFAULT_KNOBS, DEVICES, type Knobs } from './knobs.ts';
import { POPULATION_HABITS } from './population-habits.ts';

interface Login extends Place, Agent {
  user: number;
  timeMs: number;
}

/** @param knobs whatever differs from the defaults */
export function generateWorld(seed: number, knobs: Partial<Knobs> = {}): Logins {
  const all: Knobs = { ...DEFAULT_KNOBS, ...knobs };
  const dice = new Dice(seed);
  const addresses = new AddressMarket(all);
  const agents = new AgentMarket(all);
  const kinds = Object.entries(all.populations) as [Population, number][];
  const shares = kinds.map(([, share]) => share);
  const population: Population[] = [];
  const logins: Login[] = [];
  for (let user = 0; user < all.users; user++) {
    const kind = kinds[dice.weighted(shares)]?.[0] ?? 'customer';
    population.push(kind);
    const own = kinds.length > 1 ? POPULATION_HABITS[kind](all) : all;
    for (const login of live(dice, own, addresses, agents)) logins.push({ ...login, user });
  }
  logins.sort((one, other) => one.timeMs - other.timeMs || one.user - other.user);
  return toColumns(logins, population);
}

function* live(
  dice: Dice,
  knobs: Knobs,
  addresses: AddressMarket,
  agents: AgentMarket,
): Generator<Omit<Login, 'user'>> {
  const homes = addresses.homes(dice);
  const places = [addresses.first(dice, homes)];
  const tools = [agents.first(dice)];
  let before: number | undefined;
  for (const timeMs of drawTimes(dice, knobs)) {
    if (before !== undefined) {
      const isNewPlace = dice.chance(chanceOfNewIp(knobs, timeMs - before));
      places.push(isNewPlace ? addresses.another(dice, homes, places) : again(dice, knobs, places));
      const tool = again(dice, knobs, tools);
      tools.push(dice.chance(knobs.newUa) ? agents.change(dice, tool, tools) : tool);
    }
    before = timeMs;
    yield { timeMs, ...places.at(-1)!, ...tools.at(-1)! };
  }
}

function again<T>(dice: Dice, { reuseLast }: Knobs, past: readonly T[]): T {
  const at = dice.chance(reuseLast) ? past.length - 1 : dice.below(past.length);
  return past[at]!;
}

function chanceOfNewIp({ newIp }: Knobs, gapMs: number): number {
  const at = newIp.underMs.findIndex((bound) => gapMs < bound);
  return newIp.chance[at < 0 ? newIp.underMs.length : at] ?? 0;
}

function toColumns(logins: readonly Login[], population: Population[]): Logins {
  const traits = emptyTraits(logins.length);
  const user = new Uint32Array(logins.length);
  const timeMs = new Float64Array(logins.length);
  logins.forEach((login, row) => {
    user[row] = login.user;
    timeMs[row] = login.timeMs;
    for (const trait of TRAITS) traits[trait][row] = login[trait];
  });
  const deviceNames = ['', ...DEVICES.map(([name]) => name)];
  const { length: users } = population;
  return { size: logins.length, user, users, timeMs, traits, population, deviceNames };
}
