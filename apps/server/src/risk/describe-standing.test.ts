// Why somebody is at risk, found again among all that came after it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Standing } from '@countersign/risk';
import { attemptOf, openRiskHouse, REALM } from '../testing/open-risk-house.ts';
import { describeStanding } from './describe-standing.ts';

const ABROAD = '198.51.100.9';

test('the act that speaks against somebody is named, however many ordinary ones came after it', async () => {
  const house = await openRiskHouse();
  const { clock, risk } = house;
  await risk.gate.judge(attemptOf(clock));
  const { assessment } = await risk.gate.judge(attemptOf(clock, { ip: ABROAD }));
  const { acts } = risk.house.memory;
  const [odd, ordinary] = await acts.list({ realm: REALM, subject: 'p-1' });
  assert.ok(odd?.assessment && ordinary?.assessment);
  const later = { ...ordinary, assessment: { ...ordinary.assessment, score: 20 } };
  // As the book would: the newest of at least this score.
  const list: typeof acts.list = async ({ score = 0, limit = 0 }) =>
    [...Array.from({ length: 500 }, () => later), odd]
      .filter((act) => act.assessment !== undefined && act.assessment.score >= score)
      .slice(0, limit);
  const { standing = new Standing() } = await risk.house.memory.open(REALM, 'p-1');
  const of = { realm: REALM, subject: 'p-1', standing };
  const { why } = await describeStanding({ ...acts, list }, of, clock.nowMs());
  assert.equal(why?.assessment, assessment);
  await house.close();
});
