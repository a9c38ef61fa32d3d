import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { defaultPolicy, drawAudit } from '@countersign/risk';
import { ManualClock } from '@countersign/vocabulary';
import {
  attemptOf,
  OPERATOR_TOKEN,
  openRiskHouse,
  openStoreForRisk,
  REALM,
  type RiskTestHouse,
} from '../testing/open-risk-house.ts';
import { seeAttempt } from './see-attempt.ts';
import { watchRisk } from './watch-drift.ts';

const DAY_MS = 86_400_000;
const ABROAD = '198.51.100.9';

interface RiskOfEvent {
  unmapped: {
    countersign: {
      risk?: { action?: string; level?: string; reasons?: object[]; detections?: string[] };
      extra?: Record<string, unknown>;
      reason?: string;
      operation?: string;
    };
  };
}
const factsOf = ({ ocsf }: { ocsf: unknown }) => (ocsf as RiskOfEvent).unmapped.countersign;

/** Signs in from home every day, so that the person is known. */
async function becomeKnown({ risk, clock }: RiskTestHouse, days = 6): Promise<void> {
  for (let day = 0; day < days; day++) {
    await risk.gate.judge(attemptOf(clock));
    clock.advanceMs(DAY_MS);
  }
}

describe('an attempt that is judged', () => {
  let house: RiskTestHouse;
  before(async () => {
    house = await openRiskHouse();
    await becomeKnown(house);
  });
  after(() => house.close());

  test('is on record before it is answered, with what was decided and why, and without the address', async () => {
    const decision = await house.risk.gate.judge(attemptOf(house.clock, { ip: ABROAD }));
    assert.deepEqual([decision.action, decision.level], ['deny', 'high']);
    const recorded = await house.events('risk.assessed', 'risk.detected', 'risk.changed');
    const [assessed, detected, changed] = recorded.slice(-3).map(factsOf);
    assert.equal(assessed?.risk?.action, 'deny');
    assert.deepEqual(assessed?.risk?.detections, ['test_latvia']);
    assert.equal(assessed?.extra?.['country'], 'LV');
    assert.equal(assessed?.extra?.['notify'], true);
    assert.equal(detected?.extra?.['entra'], 'newCountry');
    assert.equal(changed?.risk?.level, 'high');
    for (const { text } of recorded.slice(-3)) assert.doesNotMatch(text, /198\.51\.100|Mozilla/);
  });

  test('gets the first answer when it is asked again, and teaches nothing twice', async () => {
    const attempt = attemptOf(house.clock, { subject: 'p-2' });
    const first = await house.risk.gate.judge(attempt);
    const again = await house.risk.gate.judge(attempt);
    assert.deepEqual(again, first);
    const { profile } = await house.risk.house.memory.open(REALM, 'p-2');
    assert.equal(profile.depth, 1);
  });

  test('asks for a passkey where there is one; passed, it teaches and speaks against nobody', async () => {
    house.setFactors(1);
    const attempt = attemptOf(house.clock, { ip: ABROAD, subject: 'p-3' });
    const decision = await house.risk.gate.judge(attempt);
    assert.equal(decision.action, 'step_up');
    const { memory } = house.risk.house;
    assert.equal((await memory.open(REALM, 'p-3')).profile.depth, 0);
    const settled = { assessment: decision.assessment, outcome: 'passed' } as const;
    await house.risk.gate.note(
      attemptOf(house.clock, { kind: 'step_up', subject: 'p-3', ip: ABROAD }),
      settled,
    );
    // Told twice it is one, and nobody settles for another.
    await house.risk.gate.note(attemptOf(house.clock, { subject: 'p-3' }), settled);
    const { profile, standing } = await memory.open(REALM, 'p-3');
    assert.equal(profile.depth, 1);
    assert.equal(standing?.level(house.clock.nowMs()), 'low');
    house.setFactors(0);
  });

  test('of another person is not settled by whoever says so', async () => {
    const attempt = attemptOf(house.clock, { ip: ABROAD, subject: 'p-4' });
    const { assessment } = await house.risk.gate.judge(attempt);
    await house.risk.gate.note(attemptOf(house.clock, { subject: 'p-9' }), {
      ...{ assessment, outcome: 'passed' },
    });
    const { profile, standing } = await house.risk.house.memory.open(REALM, 'p-4');
    assert.equal(profile.depth, 0);
    assert.equal(standing?.level(house.clock.nowMs()), 'high');
  });

  test('that failed teaches that it was, and is kept until it is folded only', async () => {
    const failed = { outcome: 'failure', failure: 'wrong_password', subject: 'p-5' } as const;
    await house.risk.gate.note(attemptOf(house.clock, failed));
    const { memory } = house.risk.house;
    const { profile } = await memory.open(REALM, 'p-5');
    assert.ok(profile.lastFailureMs > 0 && profile.depth === 0);
    await memory.flush();
    const rows = await house.store.read
      .selectFrom('risk_act')
      .select('id')
      .where('kind', '=', 'failed')
      .execute();
    assert.deepEqual(rows, []);
  });

  test('is asked for by chance where the tenant wants it, all that day, and says so on record', async () => {
    const { policies } = house.risk.house;
    const by = { kind: 'operator', id: 'op' } as const;
    await policies.put('acme', { ...defaultPolicy, audit: { share: 0.05 } }, by);
    house.setFactors(1);
    const drawOf = async (subject: string) =>
      drawAudit((await seeAttempt(house.risk.house, attemptOf(house.clock, { subject }))).input)
        .draw;
    const [asked, spared] = [[] as string[], [] as string[]];
    for (let at = 0; asked.length === 0 || spared.length === 0; at++) {
      ((await drawOf(`drawn-${at}`)) ?? 1) < 0.05
        ? asked.push(`drawn-${at}`)
        : spared.push(`drawn-${at}`);
    }
    const judge = (subject = '') => house.risk.gate.judge(attemptOf(house.clock, { subject }));
    const decision = await judge(asked[0]);
    assert.deepEqual([decision.action, decision.level], ['step_up', 'low']);
    const [assessed] = (await house.events('risk.assessed')).slice(-1).map(factsOf);
    assert.equal(assessed?.extra?.['audited'], true);
    // Who goes away and comes again is asked again.
    assert.equal((await judge(asked[0])).action, 'step_up');
    assert.equal((await judge(spared[0])).action, 'allow');
    house.setFactors(0);
    assert.equal((await judge(asked[0])).action, 'allow', 'nobody is asked for what they have not');
    await policies.put('acme', defaultPolicy, by);
  });

  test('that nobody can describe is judged all the same', async () => {
    const bare = attemptOf(house.clock, { subject: 'p-6' });
    const decision = await house.risk.gate.judge({ ...bare, surroundings: {} });
    assert.equal(decision.action, 'allow');
    const { subject: _, ...nobody } = attemptOf(house.clock);
    await house.risk.gate.note({ ...nobody, outcome: 'failure', failure: 'unknown_account' });
  });
});

/** What is odd gets in, and is ended afterwards. */
const ONLY_LIMITS = {
  version: 1,
  name: 'only limits',
  rules: [
    { name: 'short', when: { score: 99 }, action: 'deny' },
    {
      name: 'asked',
      when: { level: 'high' },
      kinds: ['refresh'],
      action: 'step_up',
      withoutFactor: 'allow',
      limit: { accessTokenSeconds: 60 },
    },
  ],
};

describe('what is thought of somebody', () => {
  test('ends their sign-ins once something odd got in, and not for what was kept out', async () => {
    const house = await openRiskHouse();
    await becomeKnown(house);
    const { gate } = house.risk;
    await gate.judge(attemptOf(house.clock, { ip: ABROAD }));
    await house.follow();
    assert.deepEqual(house.ended, []);
    house.setFactors(1);
    const refresh = { kind: 'refresh', subject: 'p-7', sessionId: 's-1' } as const;
    await gate.judge(attemptOf(house.clock, { subject: 'p-7' }));
    await house.risk.house.policies.put('acme', ONLY_LIMITS, { kind: 'operator', id: 'op' });
    const decision = await gate.judge(attemptOf(house.clock, { ...refresh, ip: ABROAD }));
    assert.equal(decision.action, 'allow');
    assert.deepEqual(gate.limitsNow(REALM, 'p-7'), { accessTokenSeconds: 60 });
    await house.follow();
    await house.follow();
    assert.deepEqual(house.ended, ['acme/customer p-7']);
    // Another life of the house still limits them.
    await house.risk.house.memory.flush();
    const again = await openRiskHouse(house.clock, house.store);
    assert.deepEqual(again.risk.gate.limitsNow(REALM, 'p-7'), { accessTokenSeconds: 60 });
    house.clock.advanceMs(60 * DAY_MS);
    assert.equal(again.risk.gate.limitsNow(REALM, 'p-7'), undefined);
    await house.close();
  });
});

test('a sign-in that looked odd and was let in for want of a passkey is not ended for that', async () => {
  const house = await openRiskHouse();
  const { gate, house: parts } = house.risk;
  await becomeKnown(house);
  const rule = { name: 'asked', when: { level: 'medium' }, action: 'step_up' };
  const policy = {
    ...{ version: 1, name: 'asks who can be asked' },
    rules: [{ ...rule, withoutFactor: 'allow', limit: { accessTokenSeconds: 60 } }],
  };
  await parts.policies.put('acme', policy, { kind: 'operator', id: 'op' });
  const decision = await gate.judge(attemptOf(house.clock, { ip: ABROAD }));
  assert.deepEqual([decision.action, decision.level], ['allow', 'high']);
  await house.follow();
  assert.deepEqual(house.ended, []);
  assert.deepEqual(gate.limitsNow(REALM, 'p-1'), { accessTokenSeconds: 60 });
  // Once it is known to have been an attacker, it is.
  const { assessment } = decision;
  const said = { assessment, verb: 'confirm_compromised' };
  const { status } = await house.ask('/risk/feedback', OPERATOR_TOKEN, 'POST', said);
  assert.equal(status, 200);
  assert.deepEqual(gate.limitsNow(REALM, 'p-1'), { accessTokenSeconds: 60, deny: true });
  await house.follow();
  assert.deepEqual(house.ended, ['acme/customer p-1']);
  await house.close();
});

test('what is followed before the disk has confirmed it is not missed: every sign-in ends', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const clock = new ManualClock(1_795_289_400_000);
  // Only where there is a disk is anything committed, and readable, before it is remembered.
  const store = await openStoreForRisk(clock, join(folder, 'store.db'));
  const house = await openRiskHouse(clock, store);
  const { gate, house: parts } = house.risk;
  house.setFactors(1);
  await parts.policies.put('acme', ONLY_LIMITS, { kind: 'operator', id: 'op' });
  await becomeKnown(house);
  const people = Array.from({ length: 24 }, (_, number) => `p-${number}`);
  let open = people.length;
  const judging = people.map(async (subject) => {
    await gate.judge(attemptOf(clock, { subject }));
    const refresh = { kind: 'refresh', subject, sessionId: `s-${subject}` } as const;
    await gate.judge(attemptOf(clock, { ...refresh, ip: ABROAD }));
    open -= 1;
  });
  while (open > 0) {
    await house.follow();
    await new Promise(setImmediate);
  }
  await Promise.all(judging);
  await house.follow();
  const expected = people.map((subject) => `${REALM} ${subject}`);
  assert.deepEqual([...new Set(house.ended)].sort(), expected.sort());
  await house.close();
});

describe('after a kill', () => {
  test('the house knows what it had answered, though nothing was written behind', async () => {
    const clock = new ManualClock(1_795_289_400_000);
    const store = await openStoreForRisk(clock);
    const first = await openRiskHouse(clock, store);
    await becomeKnown(first, 4);
    await first.risk.gate.judge(attemptOf(clock, { ip: ABROAD }));
    const before = await first.risk.house.memory.open(REALM, 'p-1');
    const again = await openRiskHouse(clock, store);
    const now = await again.risk.house.memory.open(REALM, 'p-1');
    assert.deepEqual(now.profile.encode(), before.profile.encode());
    assert.deepEqual(now.counts.encode(), before.counts.encode());
    assert.deepEqual(now.calibration.encode(), before.calibration.encode());
    assert.deepEqual(now.infrastructure.encode(), before.infrastructure.encode());
    assert.deepEqual(now.standing?.encode(), before.standing?.encode());
    await again.close();
  });
});

describe('once a day', () => {
  test('it is told that more acts reach a level than its budget allows, once', async () => {
    const house = await openRiskHouse();
    const look = watchRisk(house.risk, house.directory);
    await becomeKnown(house, 3);
    for (let count = 0; count < 20; count++) {
      await house.risk.gate.judge(attemptOf(house.clock, { ip: ABROAD }));
    }
    await look();
    await look();
    const drifted = (await house.events('risk.drifted')).map(factsOf);
    assert.deepEqual(
      drifted.map(({ reason, extra }) => [reason, extra?.['verdict']]),
      [
        ['false_positives', 'above'],
        ['false_positives', 'above'],
      ],
    );
    house.clock.advanceMs(DAY_MS);
    await look();
    assert.equal((await house.events('risk.drifted')).length, 4);
    await house.close();
  });
});
