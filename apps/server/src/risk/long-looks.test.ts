// What goes through a hundred thousand acts is done by the process that also answers everybody: others have
// their turn between two pieces, and a clock that was wrong puts nothing off.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredEvent } from '@countersign/audit';
import type { KeptAct } from '@countersign/memory';
import { defaultPolicy } from '@countersign/risk';
import { attemptOf, openRiskHouse } from '../testing/open-risk-house.ts';
import { compareChallenger } from './compare-challenger.ts';
import { tryPolicy } from './try-policy.ts';
import { watchRisk } from './watch-drift.ts';

const DAY_MS = 86_400_000;
const PAGE = 500;
const PAGES = 6;
/** Longer than whoever goes through many may keep others waiting. */
const PIECE_MS = 20;

/** Pages that take their time, and how often somebody else had a turn since the first. */
function slowPages<T>(one: T): { page: () => Promise<T[]>; turnsHad: () => number } {
  let pages = 0;
  let turns = 0;
  const others = () => {
    turns += 1;
    if (pages < PAGES) setImmediate(others);
  };
  const page = async (): Promise<T[]> => {
    if (pages === 0) setImmediate(others);
    pages += 1;
    const until = performance.now() + PIECE_MS;
    while (performance.now() < until);
    return Array.from({ length: pages < PAGES ? PAGE : 1 }, () => one);
  };
  return { page, turnsHad: () => turns };
}

test('everybody has a turn while the engine looks at a day, or tries a policy on a week', async () => {
  const house = await openRiskHouse();
  const { memory } = house.risk.house;
  await house.risk.gate.judge(attemptOf(house.clock));
  const [act] = await memory.acts.list({ tenant: 'acme' });
  assert.ok(act !== undefined);
  const one: KeptAct = act;
  const looks = {
    day: watchRisk(house.risk, house.directory),
    policy: () => tryPolicy({ memory }, 'acme', defaultPolicy, 0),
  };
  for (const [name, look] of Object.entries<() => Promise<unknown>>(looks)) {
    const slow = slowPages(one);
    Object.assign(memory.acts, { list: slow.page });
    await look();
    assert.ok(slow.turnsHad() >= PAGES - 1, `${name}: ${slow.turnsHad()} turns of others`);
  }
  await house.close();
});

test('everybody has a turn while two models are compared', async () => {
  const slow = slowPages({ sequence: 1, ocsf: {} } as StoredEvent);
  await compareChallenger({ listEvents: slow.page }, { challenger: 'a', champion: 'b' }, 0.01);
  assert.ok(slow.turnsHad() >= PAGES - 1);
});

test('a clock that was years ahead and is set right does not put the daily look off for years', async () => {
  const house = await openRiskHouse();
  const { clock, risk } = house;
  const look = watchRisk(risk, house.directory);
  clock.advanceMs(4 * 365 * DAY_MS);
  await look();
  clock.advanceMs(-4 * 365 * DAY_MS);
  for (const lookOfALife of [look, watchRisk(risk, house.directory)]) {
    await risk.gate.judge(attemptOf(clock));
    clock.advanceMs(200 * DAY_MS);
    await lookOfALife();
    assert.deepEqual(await risk.house.memory.acts.list({ tenant: 'acme' }), []);
  }
  await house.close();
});
