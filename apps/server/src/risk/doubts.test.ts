// What is proved, and what only looks so: a factor of after the doubt, methods of a sign-in long ago, and
// what a server shows in the place of a person.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  attemptOf,
  OPERATOR_TOKEN,
  openRiskHouse,
  REALM,
  type RiskTestHouse,
} from '../testing/open-risk-house.ts';
import { judgeUses } from './judge-uses.ts';

const ABROAD = '198.51.100.9';
const HOUR_MS = 3_600_000;
const PASSKEY = ['pwd', 'hwk', 'user', 'mfa'];

describe('a doubt', () => {
  let house: RiskTestHouse;
  before(async () => {
    house = await openRiskHouse();
  });
  after(() => house.close());

  test('is not ended by a passkey that is younger than itself; an older one ends it', async () => {
    const { clock, risk, enrolled } = house;
    house.setFactors(1);
    enrolled.set('old', clock.nowMs() - HOUR_MS);
    const settle = async (subject: string, deviceKey: string) => {
      const asked = await risk.gate.judge(attemptOf(clock, { subject, ip: ABROAD }));
      assert.equal(asked.action, 'step_up');
      clock.advanceMs(1_000);
      enrolled.set('young', clock.nowMs());
      clock.advanceMs(1_000);
      const proof = attemptOf(clock, { subject, kind: 'step_up', methods: PASSKEY });
      proof.surroundings.deviceKey = deviceKey;
      await risk.gate.note(proof, { assessment: asked.assessment, outcome: 'passed' });
      return await risk.house.memory.open(REALM, subject);
    };
    const doubted = await settle('p-young', 'young');
    assert.equal(doubted.profile.depth, 0);
    assert.equal(doubted.standing?.level(clock.nowMs()), 'high');
    const proved = await settle('p-old', 'old');
    assert.equal(proved.profile.depth, 1);
    assert.equal(proved.standing?.level(clock.nowMs()), 'low');
    house.setFactors(0);
  });

  test('of who is compromised is ended by no passkey, however old', async () => {
    const { clock, risk } = house;
    const first = attemptOf(clock, { subject: 'p-lost' });
    await risk.gate.judge(first);
    const said = { assessment: first.id, verb: 'confirm_compromised' };
    const { status } = await house.ask('/risk/feedback', OPERATOR_TOKEN, 'POST', said);
    assert.equal(status, 200);
    const again = attemptOf(clock, { subject: 'p-lost', ip: ABROAD });
    await risk.gate.judge(again);
    const { profile } = await risk.house.memory.open(REALM, 'p-lost');
    const before = profile.depth;
    const proof = attemptOf(clock, { subject: 'p-lost', kind: 'step_up', methods: PASSKEY });
    await risk.gate.note(proof, { assessment: again.id, outcome: 'passed' });
    assert.equal((await risk.house.memory.open(REALM, 'p-lost')).profile.depth, before);
  });

  test('about a refresh is not answered by the passkey of its sign-in', async () => {
    const { clock, risk } = house;
    const session = { subject: 'p-cookie', methods: PASSKEY, sessionId: 's-cookie' };
    const signIn = attemptOf(clock, session);
    assert.equal((await risk.gate.judge(signIn)).action, 'allow');
    const theft = attemptOf(clock, { ...session, kind: 'refresh', ip: ABROAD });
    assert.equal((await risk.gate.judge(theft)).action, 'deny');
    const kept = await risk.house.memory.acts.find(theft.id);
    assert.equal(kept?.input.session?.labels?.country, 'NO', 'names tell an update from a change');
  });
});

test('The last administrator is the last also beside the names of those who left', async () => {
  const house = await openRiskHouse();
  const { clock, risk } = house;
  const rule = { name: 'out', when: { level: 'high' }, action: 'deny' };
  for (const [other, action] of [
    ['gone-9', 'allow'],
    ['p-9', 'deny'],
  ] as const) {
    const policy = { version: 1, name: other, rules: [rule], administrators: ['p-1', other] };
    await risk.house.policies.put('acme', policy, { kind: 'operator', id: 'op' });
    await risk.gate.judge(attemptOf(clock));
    assert.equal((await risk.gate.judge(attemptOf(clock, { ip: ABROAD }))).action, action);
  }
  await house.close();
});

test('Of administrators who look odd at the same time one gets in, and a passkey makes another able', async () => {
  const house = await openRiskHouse();
  const { clock, risk } = house;
  const rule = { name: 'out', when: { level: 'high' }, action: 'step_up' };
  const policy = { version: 1, name: 'two', rules: [rule], administrators: ['p-1', 'p-2'] };
  await risk.house.policies.put('acme', policy, { kind: 'operator', id: 'op' });
  const judge = async (subject: string, ip?: string) =>
    (await risk.gate.judge(attemptOf(clock, { subject, ...(ip === undefined ? {} : { ip }) })))
      .action;
  for (const subject of ['p-1', 'p-2']) await judge(subject);
  assert.equal(await judge('p-1', ABROAD), 'deny');
  assert.equal(await judge('p-2', ABROAD), 'allow');
  risk.house.countFactors = async (_realm, subject) => (subject === 'p-1' ? 1 : 0);
  assert.equal(await judge('p-2', ABROAD), 'deny');
  await house.close();
});

test('A sign-in that was asked for a passkey and gave none is no beginning of a session', async () => {
  const house = await openRiskHouse();
  const { clock, risk } = house;
  house.setFactors(1);
  const own = attemptOf(clock);
  await risk.gate.judge(own);
  clock.advanceMs(HOUR_MS);
  const thief = await risk.gate.judge(attemptOf(clock, { ip: ABROAD }));
  assert.equal(thief.action, 'step_up');
  const theft = attemptOf(clock, { kind: 'refresh', sessionId: 's-9', ip: ABROAD });
  await risk.gate.judge(theft);
  const kept = await risk.house.memory.acts.find(theft.id);
  assert.equal(kept?.input.session?.startedMs, own.timeMs);
  await house.close();
});

describe('a use of a token', () => {
  test('by the servers of a client is held against no habit of the person', async () => {
    const house = await openRiskHouse();
    const { clock, risk } = house;
    let seen: (number | undefined)[] = [];
    risk.engine.engine.parts.detect = (input, { profile }) => {
      if (input.kind === 'use') seen.push(profile.depth, input.session?.startedMs);
      return [];
    };
    await risk.gate.judge(attemptOf(clock, { clientId: 'shop' }));
    const seenOf = async (clientId: string) => {
      seen = [];
      const issued = { realm: REALM, subject: 'p-1', clientId, rootAuthId: 'r-1', audience: ['a'] };
      const judge = judgeUses(risk.house, { findIssued: async () => issued as never });
      const use = { id: clientId, atMs: clock.nowMs(), decision: 'accepted', tokenHash: 'ab' };
      judge.take({ id: 'v', tenant: 'acme' }, { uses: [{ ...use, ip: '192.0.2.99' }] });
      await judge.close();
      return seen.slice(0, 2);
    };
    assert.deepEqual(await seenOf('shop-server'), [0, undefined]);
    assert.deepEqual(await seenOf('shop'), [1, clock.nowMs()]);
    await house.close();
  });
});

test('Who is forgotten is forgotten by the detectors, too', async () => {
  const house = await openRiskHouse();
  await house.risk.gate.judge(attemptOf(house.clock));
  const { detectors } = await house.risk.house.memory.open(REALM);
  assert.equal(detectors.subjects.size, 1);
  const path = `/risk/people/${REALM}/p-1`;
  assert.equal((await house.ask(path, OPERATOR_TOKEN, 'DELETE')).status, 200);
  assert.equal(detectors.subjects.size, 0);
  await house.close();
});
