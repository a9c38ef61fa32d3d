import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type DecisionFacts, decide, type PolicyView } from './decide.ts';
import { defaultPolicy } from './default-policy.ts';
import { drawAudit } from './draw-audit.ts';
import { parsePolicy } from './parse-policy.ts';
import { ACTIONS, type RiskPolicy } from './risk-policy.ts';

const DAY = 86_400_000;
const person: DecisionFacts = {
  ...{ population: 'workforce', subjectKind: 'person', kind: 'sign_in', app: 'mail' },
  ...{ hasFactor: true, factorProved: false },
  ...{ administrator: false, otherAdministratorsAble: true },
};
const view = (score: number): PolicyView => ({
  score,
  level: score >= 75 ? 'high' : score >= 50 ? 'medium' : 'low',
  ...{ state: 'scored', detections: [], heads: {} },
});
const audited = (share: number, more = {}): RiskPolicy =>
  parsePolicy({ ...defaultPolicy, audit: { share, ...more } });
const signIn = (who: number, day: number): Parameters<typeof drawAudit>[0] => ({
  ...{ kind: 'sign_in', subjectKind: 'person', subjectKey: String(who) },
  timeMs: day * DAY + ((who * 7919) % DAY),
});

describe('a random audit', () => {
  it('is made by nobody who did not ask for it', () => {
    assert.equal(decide(defaultPolicy, view(0), { ...person, draw: 0 }).action, 'allow');
  });

  it('asks a share of people and days, each a whole day long, and who is asked goes round', () => {
    const policy = audited(0.01);
    const asked = (who: number, day: number) =>
      decide(policy, view(3), { ...person, ...drawAudit(signIn(who, day)) }).audited === true;
    let count = 0;
    const people = new Set<number>();
    for (let day = 20_000; day < 20_050; day++) {
      for (let who = 1; who <= 400; who++) {
        if (!asked(who, day)) continue;
        count += 1;
        people.add(who);
      }
    }
    assert.ok(count > 140 && count < 260, `${count} of 20,000`);
    assert.ok(people.size > 0.7 * count);
    const at = signIn(5, 20_000);
    assert.deepEqual(drawAudit(at), drawAudit({ ...at, timeMs: 20_001 * DAY - 1 }));
  });

  it('asks for a passkey that is there, at a sign-in that did not prove it, in the populations it is for', () => {
    const draw = 0;
    const of = (facts: Partial<DecisionFacts>, policy = audited(0.01)) =>
      decide(policy, view(3), { ...person, draw, ...facts }).action;
    assert.equal(of({}), 'step_up');
    assert.equal(of({ hasFactor: false }), 'allow');
    assert.equal(of({ factorProved: true }), 'allow');
    assert.equal(of({ draw: Number.NaN }), 'allow');
    assert.equal(of({}, audited(0.01, { populations: ['partner'] })), 'allow');
    assert.equal(of({}, audited(0.01, { populations: ['workforce'] })), 'step_up');
    for (const kind of ['refresh', 'token', 'use', 'step_up'] as const)
      assert.deepEqual(drawAudit({ ...signIn(1, 1), kind }), {});
    assert.deepEqual(drawAudit({ ...signIn(1, 1), subjectKind: 'workload' }), {});
  });

  it('never gives a higher score a milder answer', () => {
    fc.assert(
      fc.property(
        fc.record({
          draw: fc.double({ min: 0, max: 0.1, noNaN: true }),
          hasFactor: fc.boolean(),
          factorProved: fc.boolean(),
        }),
        fc.integer({ min: 0, max: 99 }),
        fc.integer({ min: 1, max: 100 }),
        (facts, score, more) => {
          const at = (each: number) => {
            const { action } = decide(audited(0.05), view(each), { ...person, ...facts });
            return ACTIONS.indexOf(action);
          };
          assert.ok(at(Math.min(100, score + more)) >= at(score));
        },
      ),
    );
  });

  it('of more than one in twenty, or of nothing, is refused', () => {
    for (const audit of [{ share: 0.06 }, { share: 0 }, {}, 0.01, { share: 0.01, of: 'all' }])
      assert.throws(() => parsePolicy({ ...defaultPolicy, audit }), { code: 'bad_policy' });
  });
});
