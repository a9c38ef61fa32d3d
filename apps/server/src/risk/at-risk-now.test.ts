import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attemptOf, openRiskHouse } from '../testing/open-risk-house.ts';

const DAY_MS = 86_400_000;
const ABROAD = '198.51.100.9';

test('who was at risk long ago does not stand before who is at risk now', async () => {
  const house = await openRiskHouse();
  const { gate, house: parts } = house.risk;
  const { memory } = parts;
  const comeFromAbroad = (subject: string) =>
    gate.judge(attemptOf(house.clock, { subject, ip: ABROAD }));
  for (const subject of ['p-old-1', 'p-old-2', 'p-old-3']) {
    // Several times, so that more was thought of them than of anybody since.
    for (let often = 0; often < 4; often++) await comeFromAbroad(subject);
  }
  await memory.flush();
  house.clock.advanceMs(60 * DAY_MS);
  await comeFromAbroad('p-new');
  await memory.tidy();
  const listed = await memory.standings.list('acme', 2);
  assert.deepEqual(
    listed.map(({ subject, level }) => [subject, level]),
    [['p-new', 'high']],
  );
  // Nothing but the order of the list changed: what speaks against them is what it was.
  const { standing } = await memory.open('acme/customer', 'p-old-1');
  assert.equal(standing?.evidence.length, 4);
  await house.close();
});
