// A world's logins once more, with the wrong passwords of the people who logged in, and with attackers who try
// many. A stream of its own: the logins are those of the world, and no figure that is measured on them moves.

import { Dice } from '../generator/dice.ts';
import { generateWorld } from '../generator/generate-world.ts';
import type { Knobs } from '../generator/knobs.ts';
import type { Logins } from '../logins.ts';
import { drawCampaigns } from './draw-campaigns.ts';
import { type TrafficAct, valuesOf } from './traffic-act.ts';

const SECOND = 1000;
/** Logins that begin with a wrong password, each more of them with the second chance, at most five. */
const [MISTYPED, AGAIN, MOST_WRONG] = [0.15, 0.35, 5];
/** Wrong ones that were not even a name. */
const NO_NAME = 0.06;
const WAIT_SECONDS = 12;

/** In order of time. @param knobs whatever differs from the world's defaults */
export function generateTraffic(seed: number, knobs: Partial<Knobs> = {}): TrafficAct[] {
  const logins = generateWorld(seed, knobs);
  const dice = new Dice(seed, 0x7af1);
  const acts = [...liveHonestly(dice, logins), ...drawCampaigns(dice, logins)];
  return acts.sort((one, other) => one.timeMs - other.timeMs);
}

function* liveHonestly(dice: Dice, logins: Logins): Generator<TrafficAct> {
  for (let row = 0; row < logins.size; row++) {
    const [timeMs, subject] = [logins.timeMs[row]!, logins.user[row]!];
    const values = valuesOf(logins, row);
    yield { timeMs, values, subject, failed: false };
    if (!dice.chance(MISTYPED)) continue;
    let wrong = 1;
    while (wrong < MOST_WRONG && dice.chance(AGAIN)) wrong++;
    for (let before = 1; before <= wrong; before++) {
      yield {
        timeMs: timeMs - before * WAIT_SECONDS * SECOND,
        ...{ values, failed: true },
        subject: dice.chance(NO_NAME) ? -1 : subject,
      };
    }
  }
}
