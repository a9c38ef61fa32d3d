// Acts that are judged at the same time, each before the others are remembered: together they are as much as
// one after the other.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attemptOf, openRiskHouse, REALM } from '../testing/open-risk-house.ts';

const ABROAD = '198.51.100.9';
/** Odd, and by itself below medium. */
const ODD_TAIL = 0.012;

const LIMITS = {
  ...{ version: 1, name: 'limits' },
  rules: [
    { name: 'kept out', when: { score: 100 }, action: 'deny' },
    {
      ...{ name: 'short', when: { level: 'medium' }, kinds: ['refresh'], action: 'step_up' },
      ...{ withoutFactor: 'allow', limit: { accessTokenSeconds: 60 } },
    },
  ],
};

test('several odd acts at once raise what is thought of somebody on record, and end their sign-ins', async () => {
  const house = await openRiskHouse();
  const { gate, engine } = house.risk;
  house.setFactors(1);
  const odd = { code: 'test_odd', entra: 'newCountry', sentence: 'Odd.', facts: {} } as const;
  engine.engine.parts.detect = () => [{ ...odd, tail: ODD_TAIL }];
  await gate.judge(attemptOf(house.clock, { subject: 'p-other' }));
  const attempts = Array.from({ length: 6 }, () => attemptOf(house.clock));
  const decisions = await Promise.all(attempts.map((attempt) => gate.judge(attempt)));
  for (const { level, action } of decisions) assert.deepEqual([level, action], ['low', 'allow']);
  const { standing } = await house.risk.house.memory.open(REALM, 'p-1');
  assert.notEqual(standing?.level(house.clock.nowMs()), 'low');
  const changed = await house.events('risk.changed');
  assert.equal(changed.length, 1);
  await house.follow();
  assert.deepEqual(house.ended, [`${REALM} p-1`]);
  await house.close();
});

test('an act that is folded behind a rollback limits tokens all the same', async () => {
  const house = await openRiskHouse();
  const { gate, house: parts } = house.risk;
  await parts.policies.put('acme', LIMITS, { kind: 'operator', id: 'op' });
  await gate.judge(attemptOf(house.clock));
  await parts.memory.flush();
  await Promise.all([
    gate.judge(attemptOf(house.clock, { ip: ABROAD })),
    parts.memory.people.rollBackRealm(REALM, house.clock.nowMs()),
  ]);
  const { standing } = await parts.memory.open(REALM, 'p-1');
  assert.equal(standing?.level(house.clock.nowMs()), 'high');
  assert.deepEqual(gate.limitsNow(REALM, 'p-1'), { accessTokenSeconds: 60 });
  await house.close();
});
