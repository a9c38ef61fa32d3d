// Which device, operating system, browser and user agent string a person comes with: the first time, and
// after a change. A change starts at one level (device, OS, browser, string) and redraws all below it.

import type { Dice } from './dice.ts';
import { DEVICES, type Knobs } from './knobs.ts';

export interface Agent {
  device: number;
  os: number;
  browser: number;
  ua: number;
}

const OSES = 60;
const BROWSERS = 600;
const STRINGS = 5000;
const PATIENCE = 8;

/** Remembers which string has which number; one for a world. */
export class AgentMarket {
  readonly #knobs: Knobs;
  readonly #strings = new Map<number, number>();

  constructor(knobs: Knobs) {
    this.#knobs = knobs;
  }

  /** The first agent of a person. */
  first(dice: Dice): Agent {
    return this.#below(dice, 1 + dice.weighted(DEVICES.map(([, share]) => share)), []);
  }

  /** Another agent, with a string that none of `seen` has. */
  change(dice: Dice, from: Agent, seen: readonly Agent[]): Agent {
    const { newDevice, newOs, newBrowser } = this.#knobs;
    if (dice.chance(newDevice)) {
      const device = otherThan(from.device, () => 1 + dice.weighted(DEVICES.map(([, of]) => of)));
      return this.#below(dice, device, seen);
    }
    if (dice.chance(newOs)) return this.#below(dice, from.device, seen);
    if (!dice.chance(newBrowser)) return this.#string(dice, from, seen);
    const browser = otherThan(from.browser, () => this.#browser(dice, from.device));
    return this.#string(dice, { ...from, browser }, seen);
  }

  #below(dice: Dice, device: number, seen: readonly Agent[]): Agent {
    const os = unseen(
      () => device * 100 + dice.rank(this.#knobs.tails.os, OSES),
      (each) => seen.some((agent) => agent.os === each),
    );
    return this.#string(dice, { device, os, browser: this.#browser(dice, device), ua: 0 }, seen);
  }

  #browser(dice: Dice, device: number): number {
    return device * 1000 + dice.rank(this.#knobs.tails.browser, BROWSERS);
  }

  #string(dice: Dice, { device, os, browser }: Agent, seen: readonly Agent[]): Agent {
    const draw = (): number => {
      const rank = dice.rank(this.#knobs.tails.ua, STRINGS);
      return this.#numberOf((os * 10_000 + browser) * 10_000 + rank);
    };
    const ua = unseen(draw, (each) => seen.some((agent) => agent.ua === each));
    return { device, os, browser, ua };
  }

  #numberOf(key: number): number {
    const known = this.#strings.get(key);
    if (known !== undefined) return known;
    this.#strings.set(key, this.#strings.size + 1);
    return this.#strings.size;
  }
}

function unseen(draw: () => number, isSeen: (value: number) => boolean): number {
  let value = draw();
  for (let tries = 0; tries < PATIENCE && isSeen(value); tries++) value = draw();
  return value;
}

function otherThan(value: number, draw: () => number): number {
  return unseen(draw, (each) => each === value);
}
