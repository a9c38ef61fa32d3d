// The alarms of the watchdog, a process that neither rotates nor serves: they are on record although the
// rotator does nothing (controls C-01 and C-02).

import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedEvent } from '../src/stage/operator.ts';
import type { Found } from '../src/stage/tell-story.ts';
import type { OldHouse } from './stage.ts';

const LOOK_EVERY_MS = 500;

/** Waits until the watchdog has told of this. @throws Error when it has not in time */
export async function awaitWatchdog(
  { operator, stolen }: OldHouse,
  name: 'key.age_alarm' | 'key.rotator_silent',
  code: string,
  withinMs: number,
): Promise<RecordedEvent> {
  const { kid } = stolen.record;
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    const events = await operator.events(name);
    const found = events.find((event) => {
      const text = JSON.stringify(event);
      return text.includes(`"${code}"`) && (name !== 'key.age_alarm' || text.includes(kid));
    });
    if (found !== undefined) return found;
    if (performance.now() > deadlineMs) {
      const seen = events.map((event) => JSON.stringify(event).slice(0, 200)).join('; ');
      throw new Error(`The watchdog did not tell of ${code} in ${withinMs / 1000} s: ${seen}`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}

export async function alarmBeforeTheEnd(house: OldHouse): Promise<Found<void>> {
  await awaitWatchdog(house, 'key.age_alarm', 'key_old', 60_000);
  return {
    detail: 'key.age_alarm, key_old: the key has used more than 80 % of the time it may live',
    value: undefined,
  };
}

export async function alarmAfterTheEnd(house: OldHouse): Promise<Found<void>> {
  await awaitWatchdog(house, 'key.age_alarm', 'key_past_end', 60_000);
  await awaitWatchdog(house, 'key.rotator_silent', 'rotator_silent', 120_000);
  return {
    detail:
      'key.age_alarm, key_past_end: nothing has taken the place of a key that is over; and key.rotator_silent: nobody has moved keys since the start',
    value: undefined,
  };
}
