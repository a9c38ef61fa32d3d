// The same, told twice at the same time: before the first is on record, or remembered.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attemptOf, openRiskHouse, REALM } from '../testing/open-risk-house.ts';
import { giveFeedback } from './give-feedback.ts';

const ABROAD = '198.51.100.9';

test('an attempt that is judged several times at once gets one answer', async () => {
  const house = await openRiskHouse();
  const { gate } = house.risk;
  const attempt = attemptOf(house.clock, { ip: ABROAD });
  const others = Array.from({ length: 24 }, (_, other) =>
    attemptOf(house.clock, { subject: `p-other-${other}` }),
  );
  const same = Array.from({ length: 3 }, () => ({ ...attempt }));
  const asked = [...same, ...others].map((one) => gate.judge(one));
  const [first, ...again] = (await Promise.all(asked)).slice(0, same.length);
  for (const decision of again) assert.deepEqual(decision, first);
  assert.equal((await house.events('risk.assessed')).length, 1 + others.length);
  await house.close();
});

test('what two say at once of one act teaches once', async () => {
  const house = await openRiskHouse();
  const { gate, house: parts } = house.risk;
  const { id } = attemptOf(house.clock);
  await gate.judge(attemptOf(house.clock, { id, ip: ABROAD }));
  const act = await parts.memory.acts.find(id);
  assert.ok(act !== undefined);
  assert.equal((await parts.memory.open(REALM, 'p-1')).profile.depth, 0);
  const actor = { kind: 'operator', id: 'op' } as const;
  const safe = { act, actor, verb: 'confirm_safe', by: 'analyst' } as const;
  await Promise.all(
    [safe, safe].map((said) =>
      giveFeedback(parts, { ...said, fromSameSession: false, withOldFactor: false }),
    ),
  );
  assert.equal((await parts.memory.open(REALM, 'p-1')).profile.depth, 1);
  await house.close();
});
