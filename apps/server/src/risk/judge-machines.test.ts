import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { GateDecision } from '@countersign/provider';
import { attemptOf, openRiskHouse, REALM, type RiskTestHouse } from '../testing/open-risk-house.ts';

const ABROAD = '198.51.100.9';

describe('a workload that asks for tokens', () => {
  let house: RiskTestHouse;
  before(async () => {
    house = await openRiskHouse();
  });
  after(() => house.close());

  async function ask(ip?: string): Promise<GateDecision> {
    house.clock.advanceMs(100);
    const attempt = attemptOf(house.clock, {
      ...{ kind: 'token', subjectKind: 'workload', subject: 'shop-job', clientId: 'shop-job' },
      ...{ methods: ['client_secret_basic'], ...(ip === undefined ? {} : { ip }) },
    });
    return await house.risk.gate.judge(attempt);
  }

  test('as often as it likes in its first minutes is let in at low, with whole tokens', async () => {
    for (let n = 0; n < 400; n++) {
      const { recorded, ...decision } = await ask();
      await recorded;
      const { action, level, limit } = decision;
      assert.deepEqual(
        { action, level, limit },
        { action: 'allow', level: 'low', limit: undefined },
      );
      assert.equal(house.risk.gate.limitsNow(REALM, 'shop-job'), undefined);
    }
  });

  test('has an event for its first act; from then on each is a row that can be explained', async () => {
    const told = await house.events('risk.assessed');
    const { assessment, score, recorded } = await ask();
    await recorded;
    assert.equal((await house.events('risk.assessed')).length, told.length);
    const act = await house.risk.house.memory.acts.find(assessment);
    assert.equal(act?.assessment?.score, score);
    assert.ok(told.length > 0 && told.length < 10, `${told.length} events of 400`);
  });

  test('whose row cannot be written gets no token: whoever waits for the row hears of it', async () => {
    const { store } = house;
    const { write } = store;
    Object.assign(store, { write: () => Promise.reject(new Error('no disk')) });
    const { recorded } = await ask();
    await assert.rejects(async () => await recorded, /no disk/);
    Object.assign(store, { write });
    await (await ask()).recorded;
  });

  test('odd in anything has its own event before it is answered', async () => {
    const told = await house.events('risk.assessed', 'risk.detected');
    const { recorded, level } = await ask(ABROAD);
    assert.notEqual(level, 'low');
    assert.equal(recorded, undefined);
    assert.ok((await house.events('risk.assessed', 'risk.detected')).length >= told.length + 2);
  });
});
