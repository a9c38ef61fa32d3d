// What a refresh or a use is held against: the very sign-in that its session began with, whatever the
// act looks like, and whoever acts first after a restart.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ATTRIBUTE_INDEX } from '@countersign/risk';
import type { Attempt } from '@countersign/vocabulary';
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
const DAY_MS = 24 * HOUR_MS;

describe('what a session began with', () => {
  let house: RiskTestHouse;
  before(async () => {
    house = await openRiskHouse();
    await house.risk.house.policies.put(
      'acme',
      {
        version: 1,
        name: 'watches only',
        rules: [{ name: 'all', when: { score: 1 }, action: 'allow' }],
      },
      { kind: 'operator', id: 'op' },
    );
  });
  after(() => house.close());

  type Given = Partial<Attempt> & { ip?: string };
  async function signIn(subject: string, given: Given = {}): Promise<Attempt> {
    const attempt = attemptOf(house.clock, { subject, ...given });
    await house.risk.gate.judge(attempt);
    house.clock.advanceMs(HOUR_MS);
    return attempt;
  }
  async function refresh(subject: string, given: Given) {
    const attempt = attemptOf(house.clock, { kind: 'refresh', subject, ...given });
    await house.risk.gate.judge(attempt);
    return await began(attempt.id);
  }
  async function began(id: string) {
    const act = await house.risk.house.memory.acts.find(id);
    return (act ?? assert.fail()).input.session;
  }
  async function use(id: string, issued: { subject: string; signIn?: string }, ip: string) {
    const row = { realm: REALM, clientId: 'shop', rootAuthId: 'r', audience: [], ...issued };
    const judge = judgeUses(house.risk.house, { findIssued: async () => row as never });
    const tokenHash = 'a'.repeat(64);
    const reported = { id, atMs: house.clock.nowMs(), decision: 'accepted', tokenHash, ip };
    judge.take({ id: 'api', tenant: 'acme' }, { uses: [reported] });
    await judge.close();
    return await began(`use-api-${id}`);
  }

  test('is named by the token that is used, though another sign-in is more like the use', async () => {
    const home = await signIn('p-travels');
    await signIn('p-travels', { ip: ABROAD });
    const session = await use('u-1', { subject: 'p-travels', signIn: home.id }, ABROAD);
    assert.equal(session?.startedMs, home.timeMs);
  });

  test('is told by nobody of another person', async () => {
    const other = await signIn('p-other');
    const own = await signIn('p-own');
    const session = await use('u-2', { subject: 'p-own', signIn: other.id }, ABROAD);
    assert.equal(session?.startedMs, own.timeMs);
  });

  test('is guessed where nothing names it, anew for each act: a thief who comes first settles nothing', async () => {
    const home = await signIn('p-old');
    const abroad = await signIn('p-old', { ip: ABROAD });
    // Another life of the house, in which nothing was seen yet.
    house = await openRiskHouse(house.clock, house.store);
    const session = { sessionId: 's-old' };
    const thief = await refresh('p-old', { ...session, ip: ABROAD });
    assert.equal(thief?.startedMs, abroad.timeMs);
    const own = await refresh('p-old', session);
    assert.equal(own?.startedMs, home.timeMs);
    const named = await refresh('p-old', { ...session, signIn: home.id, ip: ABROAD });
    assert.equal(named?.startedMs, home.timeMs);
  });

  test('is the newer sign-in of the same session once there is one', async () => {
    const session = { sessionId: 's-twice' };
    const first = await signIn('p-twice');
    await refresh('p-twice', { ...session, signIn: first.id });
    const second = await signIn('p-twice', { ip: '192.0.2.44' });
    const now = await refresh('p-twice', { ...session, signIn: second.id });
    assert.equal(now?.startedMs, second.timeMs);
  });

  test('is found though nobody waited for its judgement', async () => {
    const late = await signIn('p-late');
    await signIn('p-late', { ip: ABROAD });
    const now = await refresh('p-late', { signIn: `unjudged-${late.id}`, ip: ABROAD });
    assert.equal(now?.startedMs, late.timeMs);
  });

  test('is known again after the keys that name addresses were changed', async () => {
    const started = await signIn('p-key');
    house.clock.advanceMs(91 * DAY_MS);
    const attempt = attemptOf(house.clock, { kind: 'refresh', subject: 'p-key' });
    await house.risk.gate.judge({ ...attempt, signIn: started.id });
    const { input } = (await house.risk.house.memory.acts.find(attempt.id)) ?? assert.fail();
    for (const attribute of ['ip', 'net', 'ua'] as const) {
      const at = ATTRIBUTE_INDEX[attribute];
      assert.ok((input.values[at] ?? 0) > 0);
      assert.equal(input.session?.values[at], input.values[at], attribute);
    }
  });

  test('is forgotten with the person', async () => {
    const started = await signIn('p-gone');
    const named = { sessionId: 's-gone', signIn: started.id };
    assert.ok(await refresh('p-gone', named));
    const path = `/risk/people/${REALM}/p-gone`;
    assert.equal((await house.ask(path, OPERATOR_TOKEN, 'DELETE')).status, 200);
    assert.equal(await refresh('p-gone', named), undefined);
  });
});
