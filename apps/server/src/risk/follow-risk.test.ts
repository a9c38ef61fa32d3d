// What ends sign-ins waits for nobody: not for the daily look, and not for somebody whose cannot be ended.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RealmId } from '@countersign/vocabulary';
import { attemptOf, openRiskHouse, type RiskTestHouse } from '../testing/open-risk-house.ts';
import { endRiskySignIns } from './end-risky-sign-ins.ts';
import { followRisk } from './follow-risk.ts';

const ABROAD = '198.51.100.9';
const LETS_IN = {
  ...{ version: 1, name: 'lets in, and ends afterwards' },
  rules: [
    { name: 'asked', when: { level: 'high' }, kinds: ['refresh'], action: 'step_up' },
    { name: 'kept out', when: { score: 99 }, action: 'deny' },
  ],
};
const NOTHING = { sessions: 0, grants: 0 };

async function openHouse(): Promise<RiskTestHouse> {
  const house = await openRiskHouse();
  house.setFactors(1);
  await house.risk.house.policies.put('acme', LETS_IN, { kind: 'operator', id: 'op' });
  return house;
}

/** Gets in, and what is thought of them is bad from then on. */
async function getIn({ risk, clock }: RiskTestHouse, subject: string): Promise<void> {
  const { action } = await risk.gate.judge(attemptOf(clock, { subject, ip: ABROAD }));
  assert.equal(action, 'allow');
}

test('sign-ins end while the engine looks at itself, however long that takes', async () => {
  const house = await openHouse();
  const looked = Promise.withResolvers<never[]>();
  const waiting = new Map<string, () => void>();
  const endSignIns = async (_realm: RealmId, subject: string) => {
    waiting.get(subject)?.();
    return NOTHING;
  };
  const running = followRisk(house.risk, {
    provider: { endSignIns },
    directory: {
      ...house.directory,
      tenants: { ...house.directory.tenants, list: () => looked.promise },
    },
    audit: house.audit,
    onFailure: (error) => assert.fail(String(error)),
  });
  for (const subject of ['p-first', 'p-second']) {
    const ended = new Promise<void>((resolve) => waiting.set(subject, resolve));
    await getIn(house, subject);
    await ended;
  }
  looked.resolve([]);
  await running.stop();
  await house.close();
});

test('somebody whose sign-ins cannot be ended keeps nobody else\u2019s, and is tried again', async () => {
  const house = await openHouse();
  const ended: string[] = [];
  let broken = true;
  const follow = endRiskySignIns(house.risk.house, {
    endSignIns: async (_realm, subject) => {
      if (broken && subject === 'p-stuck') throw new Error('this one never ends');
      ended.push(subject);
      return NOTHING;
    },
  });
  for (const subject of ['p-stuck', 'p-next']) await getIn(house, subject);
  await assert.rejects(follow(), /never ends/);
  assert.deepEqual(ended, ['p-next']);
  await assert.rejects(follow(), /never ends/);
  broken = false;
  await follow();
  await follow();
  assert.deepEqual(ended, ['p-next', 'p-stuck']);
  await house.close();
});

test('what could not be ended before a crash is ended after it, however much came since', async () => {
  const house = await openHouse();
  const { clock, audit } = house;
  const broken = endRiskySignIns(house.risk.house, {
    endSignIns: () => Promise.reject(new Error('not now')),
  });
  await getIn(house, 'p-stuck');
  const others = Array.from({ length: 1_000 }, (_, number) => ({
    ...{ name: 'risk.feedback' as const, timeMs: clock.nowMs(), operation: `${number}` },
  }));
  for (let often = 0; often < 2; often++) {
    await audit.record(others);
    await assert.rejects(broken(), /not now/);
  }
  const again = await openRiskHouse(clock, house.store);
  again.setFactors(1);
  await again.follow();
  assert.deepEqual(again.ended, ['acme/customer p-stuck']);
  await house.close();
});
