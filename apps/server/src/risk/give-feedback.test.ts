// What is said of an act more than once, and by those who change their mind.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ATTRIBUTE_INDEX } from '@countersign/risk';
import { attemptOf, openRiskHouse, REALM, type RiskTestHouse } from '../testing/open-risk-house.ts';
import { giveFeedback } from './give-feedback.ts';

const DAY_MS = 86_400_000;

async function say(
  { risk }: RiskTestHouse,
  id: string,
  verb: 'confirm_safe' | 'confirm_compromised',
) {
  const act = (await risk.house.memory.acts.find(id)) ?? assert.fail();
  await giveFeedback(risk.house, {
    ...{ act, verb, by: 'analyst', actor: { kind: 'operator', id: 'op' } },
    ...{ fromSameSession: false, withOldFactor: false },
  });
}

test('what was said of an act that is not kept any more is cleared with the next, and with none before', async () => {
  const house = await openRiskHouse();
  const { gate, house: parts } = house.risk;
  const signIn = async () => (await gate.judge(attemptOf(house.clock))).assessment;
  const clearAfter = async (days: number) => {
    house.clock.advanceMs(days * DAY_MS);
    await parts.memory.tidy();
    await say(house, await signIn(), 'confirm_safe');
    return gate.limitsNow(REALM, 'p-1')?.deny;
  };
  const attack = await signIn();
  await say(house, attack, 'confirm_compromised');
  assert.equal(await clearAfter(80), true);
  assert.ok(await parts.memory.acts.find(attack), 'it can be named');
  assert.equal(await clearAfter(20), undefined);
  assert.equal(await parts.memory.acts.find(attack), undefined);
  await house.close();
});

test('an act teaches once, however often somebody says that it was safe, and is taken back once', async () => {
  const house = await openRiskHouse();
  const { gate, house: parts } = house.risk;
  const depth = async () => (await parts.memory.open(REALM, 'p-1')).profile.depth;
  const signIn = async (ip?: string) => {
    house.clock.advanceMs(DAY_MS);
    return (await gate.judge(attemptOf(house.clock, ip === undefined ? {} : { ip }))).assessment;
  };
  for (let day = 0; day < 4; day++) await signIn();
  const odd = await signIn('198.51.100.9');
  assert.equal(await depth(), 4);
  for (let times = 0; times < 3; times++) {
    house.clock.advanceMs(DAY_MS);
    await say(house, odd, 'confirm_safe');
  }
  assert.equal(await depth(), 5);
  // What is safe of one person is no more usual for everybody.
  const { counts } = await parts.memory.open(REALM);
  const { input } = (await parts.memory.acts.find(odd)) ?? assert.fail();
  const place = ATTRIBUTE_INDEX.ip;
  assert.equal(counts.countOf(place, input.values[place] ?? 0, house.clock.nowMs()), 0);
  const rolledBack = async () => (await house.events('risk.rolled_back')).length;
  await say(house, odd, 'confirm_compromised');
  const since = await rolledBack();
  assert.equal(since, 1);
  await signIn();
  const known = await depth();
  await say(house, odd, 'confirm_compromised');
  assert.equal(await rolledBack(), since);
  assert.equal(await depth(), known, 'what was learned since stays');
  // Whoever was wrong may say so, and then it teaches after all.
  house.clock.advanceMs(DAY_MS);
  await say(house, odd, 'confirm_safe');
  assert.equal(await depth(), known + 1);
  await house.close();
});
