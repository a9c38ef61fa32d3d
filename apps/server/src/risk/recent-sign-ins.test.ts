// What a person sees of their own sign-ins, and what becomes of what they say.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { attemptOf, openRiskHouse, REALM, type RiskTestHouse } from '../testing/open-risk-house.ts';
import { recentSignIns } from './recent-sign-ins.ts';

const DAY_MS = 86_400_000;
const ABROAD = '198.51.100.9';

describe('the sign-ins that a person is shown', () => {
  let house: RiskTestHouse;
  let shown: ReturnType<typeof recentSignIns>;
  let usual: string;
  let odd: string;

  before(async () => {
    house = await openRiskHouse();
    shown = recentSignIns(house.risk.house, house.directory);
    for (let day = 0; day < 4; day += 1) {
      house.clock.advanceMs(DAY_MS);
      const attempt = attemptOf(house.clock);
      usual = attempt.id;
      await house.risk.gate.judge(attempt);
      await house.risk.house.memory.flush();
    }
    house.clock.advanceMs(DAY_MS);
    const attempt = attemptOf(house.clock, { ip: ABROAD });
    odd = attempt.id;
    await house.risk.gate.judge(attempt);
    await house.risk.gate.judge(attemptOf(house.clock, { subject: 'p-2' }));
  });
  after(() => house.close());

  const effects = async () =>
    (await house.events('risk.feedback')).map(
      ({ text }) => /"believed":(true|false)/.exec(text)?.[1],
    );
  const answer = (more: object) =>
    shown.answer({
      ...{ realm: REALM, personId: 'p-1', assessment: odd, mine: true, sessionId: 's-1' },
      ...more,
    });

  test('are theirs alone, the newest first, with how they ended and from where', async () => {
    const list = await shown.list(REALM, 'p-1');
    assert.equal(list.length, 5);
    const [first, second] = list;
    assert.equal(first?.assessment, odd);
    assert.deepEqual([first?.outcome, second?.outcome], ['refused', 'signed_in']);
    assert.match(first?.from ?? '', /Chrome.* · LV$/);
    assert.deepEqual(await shown.list(REALM, 'p-9'), []);
    assert.equal((await shown.list(REALM, 'p-2')).length, 1);
  });

  test('are answered by nobody else', async () => {
    await answer({ personId: 'p-2', mine: false });
    await answer({ assessment: 'nothing', mine: false });
    await answer({ realm: 'acme/partner', mine: false });
    assert.deepEqual(await effects(), []);
  });

  test('are not cleared from the session in question, from one of unknown beginning, or by a new passkey', async () => {
    const { timeMs } = (await house.risk.house.memory.acts.find(odd)) ?? assert.fail();
    await answer({ signIn: odd, passkeysSinceMs: 0 });
    await answer({ passkeysSinceMs: 0 });
    await answer({ signIn: usual, passkeysSinceMs: timeMs });
    await answer({ signIn: usual });
    assert.deepEqual(await effects(), ['false', 'false', 'false', 'false']);
    await answer({ signIn: usual, passkeysSinceMs: timeMs - 1 });
    assert.deepEqual((await effects()).slice(-1), ['true']);
    assert.equal((await shown.list(REALM, 'p-1'))[0]?.answered, 'me');
  });

  test('end all sign-ins when one was not theirs, said from anywhere', async () => {
    await answer({ mine: false, signIn: odd });
    await house.follow();
    assert.deepEqual(house.ended, [`${REALM} p-1`]);
    assert.equal((await shown.list(REALM, 'p-1'))[0]?.answered, 'not_me');
  });
});
