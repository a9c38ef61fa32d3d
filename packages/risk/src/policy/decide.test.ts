import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type DecisionFacts, decide, type PolicyView } from './decide.ts';
import { defaultPolicy } from './default-policy.ts';
import { parsePolicy } from './parse-policy.ts';
import { ACTIONS, POLICY_LIMITS, type PolicyRule, type RiskPolicy } from './risk-policy.ts';

const person: DecisionFacts = {
  population: 'workforce',
  subjectKind: 'person',
  kind: 'sign_in',
  app: 'mail',
  hasFactor: true,
  factorProved: false,
  administrator: false,
  otherAdministratorsAble: true,
};
const view = (score: number, more: Partial<PolicyView> = {}): PolicyView => ({
  score,
  level: score >= 75 ? 'high' : score >= 50 ? 'medium' : 'low',
  state: 'scored',
  detections: [],
  heads: {},
  ...more,
});
const policyOf = (...rules: Partial<PolicyRule>[]): RiskPolicy =>
  parsePolicy({
    version: 1,
    name: 'test',
    rules: rules.map((rule, index) => ({ name: `r${index}`, action: 'deny', ...rule })),
  });

describe('what the default policy does', () => {
  it('lets low risk through untouched', () => {
    const outcome = decide(defaultPolicy, view(20), person);
    assert.deepEqual(outcome, { action: 'allow', notify: false, rules: [] });
  });

  it('asks for the passkey at medium, and lets who has none in with short tokens and a notice', () => {
    assert.equal(decide(defaultPolicy, view(55), person).action, 'step_up');
    const without = decide(defaultPolicy, view(55), { ...person, hasFactor: false });
    assert.deepEqual(
      [without.action, without.limit, without.notify],
      ['allow', { accessTokenSeconds: 300 }, true],
    );
  });

  it('keeps out at high who has no passkey, and takes the one that was proved', () => {
    assert.equal(decide(defaultPolicy, view(80), { ...person, hasFactor: false }).action, 'deny');
    const proved = decide(defaultPolicy, view(80), { ...person, factorProved: true });
    assert.deepEqual([proved.action, proved.limit?.accessTokenSeconds], ['allow', 120]);
  });

  it('gives a workload at high no token, and one at medium a short one', () => {
    const workload = { ...person, subjectKind: 'workload', hasFactor: false } as const;
    assert.equal(decide(defaultPolicy, view(90), workload).action, 'deny');
    assert.equal(decide(defaultPolicy, view(60), workload).limit?.accessTokenSeconds, 120);
    for (const score of [60, 90]) assert.ok(decide(defaultPolicy, view(score), workload).notify);
  });

  it('is itself a policy that can be written down and read', () => {
    assert.deepEqual(parsePolicy(JSON.parse(JSON.stringify(defaultPolicy))), defaultPolicy);
  });
});

describe('what softens a denial', () => {
  const denies = policyOf({ when: { level: 'high' } });

  it('never locks out the last administrator: asked for a passkey, or short tokens and a notice', () => {
    const last = { ...person, administrator: true, otherAdministratorsAble: false };
    const asked = decide(denies, view(99), last);
    assert.deepEqual([asked.action, asked.softened], ['step_up', 'last_administrator']);
    const without = decide(denies, view(99), { ...last, hasFactor: false });
    assert.deepEqual([without.action, without.notify], ['allow', true]);
    assert.equal(without.limit?.accessTokenSeconds, 120);
  });

  it('denies an administrator while another can get in', () => {
    assert.equal(decide(denies, view(99), { ...person, administrator: true }).action, 'deny');
  });

  it('shuts nobody out for being new, unless a detection or the traffic says so', () => {
    const fresh = view(99, { state: 'learning', heads: { novelty: { tail: 0.0001 } } });
    assert.equal(decide(denies, fresh, person).softened, 'no_history');
    const named = { ...fresh, detections: [{ code: 'password_spray' }] };
    assert.equal(decide(denies, named, person).action, 'deny');
    const traffic = (tail: number) => ({ ...fresh, heads: { infrastructure: { tail } } });
    assert.equal(decide(denies, traffic(0.001), person).action, 'deny');
    assert.equal(decide(denies, traffic(0.0011), person).softened, 'no_history');
  });
});

describe('rules', () => {
  it('fit only whom they are for', () => {
    const policy = policyOf({ when: { score: 10 }, populations: ['partner'], apps: ['files'] });
    assert.equal(decide(policy, view(90), person).action, 'allow');
    const partner = { ...person, population: 'partner', app: 'files' } as const;
    assert.equal(decide(policy, view(90), partner).action, 'deny');
    const { app: _, ...nowhere } = partner;
    assert.equal(decide(policy, view(90), nowhere).action, 'allow');
  });

  it('fit a score from what they say on, whatever else they ask for', () => {
    const policy = policyOf({ when: { score: 50 } });
    assert.deepEqual(
      [49.9, 50].map((score) => decide(policy, view(score), person).action),
      ['allow', 'deny'],
    );
    const both = policyOf({ when: { score: 80, level: 'medium' } });
    assert.equal(decide(both, view(60), person).action, 'allow');
    assert.equal(decide(both, view(80), person).action, 'deny');
  });

  it('fit a detection by its code', () => {
    const policy = policyOf({ when: { detections: ['token_replay'] } });
    assert.equal(decide(policy, view(1), person).action, 'allow');
    const replayed = view(1, { detections: [{ code: 'token_replay' }] });
    assert.equal(decide(policy, replayed, person).action, 'deny');
  });

  it('add their limits up to the strictest of each', () => {
    const when = { score: 1 };
    const policy = policyOf(
      { when, action: 'allow', limit: { accessTokenSeconds: 600, withoutScopes: ['write'] } },
      { when, action: 'allow', limit: { accessTokenSeconds: 60, withoutScopes: ['admin'] } },
    );
    assert.deepEqual(decide(policy, view(50), person).limit, {
      accessTokenSeconds: 60,
      withoutScopes: ['write', 'admin'],
    });
  });

  it('take a score that is no number for the highest, not for a low one', () => {
    const policy = policyOf({ when: { score: 90 } });
    assert.equal(decide(policy, view(Number.NaN), person).action, 'deny');
  });
});

const anyRule = fc.record(
  {
    when: fc.oneof(
      fc.record({ level: fc.constantFrom('medium' as const, 'high' as const) }),
      fc.record({ score: fc.integer({ min: 0, max: 100 }) }),
    ),
    action: fc.constantFrom(...ACTIONS),
    populations: fc.constantFrom(['workforce' as const], ['partner' as const]),
    notify: fc.boolean(),
  },
  { requiredKeys: ['when', 'action'] },
);

describe('properties', () => {
  it('a higher score never gets a milder answer, in whatever order the rules stand', () => {
    fc.assert(
      fc.property(
        fc.array(anyRule, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 0, max: 100 }),
        fc.record({
          hasFactor: fc.boolean(),
          factorProved: fc.boolean(),
          administrator: fc.boolean(),
        }),
        (rules, one, other, facts) => {
          const policy = policyOf(...rules);
          const turned = { ...policy, rules: policy.rules.toReversed() };
          const asks = (score: number, by = policy) =>
            ACTIONS.indexOf(decide(by, view(score), { ...person, ...facts }).action);
          assert.ok(asks(Math.min(one, other)) <= asks(Math.max(one, other)));
          assert.equal(asks(one), asks(one, turned));
        },
      ),
    );
  });

  it('whatever is read is a policy or a refusal that says where', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (given) => {
        try {
          parsePolicy(given);
        } catch (error) {
          assert.match(String(error), /The risk policy is refused: \S+/);
        }
      }),
    );
  });
});

describe('reading a policy', () => {
  const good = { name: 'one', when: { level: 'high' }, action: 'step_up' };
  const read = (rule: object, options?: { detections: string[] }) =>
    parsePolicy({ version: 1, name: 'p', rules: [{ ...good, ...rule }] }, options);
  const bad: [string, object, RegExp][] = [
    ['a misspelt member', { aktion: 'deny' }, /rules\[0\] has no member "aktion"/],
    ['a rule without a condition', { when: {} }, /rules\[0\]\.when must have level/],
    ['a level that catches everything', { when: { level: 'low' } }, /when\.level must be one of/],
    ['a score beyond the scale', { when: { score: 101 } }, /when\.score must be a number from 0/],
    ['an empty list of apps', { apps: [] }, /apps must be a list of one or more/],
    ['a token of no length', { limit: { accessTokenSeconds: 1 } }, /accessTokenSeconds must be/],
    [
      'a limit on what is denied',
      { action: 'deny', limit: { withoutScopes: ['a'] } },
      /limit cannot/,
    ],
    [
      'a way out that belongs to another action',
      { action: 'deny', withoutFactor: 'allow' },
      /belongs/,
    ],
    ['a notice that is neither yes nor no', { notify: 'yes' }, /notify must be true or false/],
    ['a limit that limits nothing', { limit: {} }, /limit must have accessTokenSeconds/],
    ['a name longer than there is room', { name: 'a'.repeat(POLICY_LIMITS.text + 1) }, /name must/],
    ['a control character', { name: 'a\u0000b' }, /name must be a text/],
  ];
  for (const [what, rule, says] of bad) {
    it(`refuses ${what}`, () => assert.throws(() => read(rule), says));
  }

  it('refuses a detection that does not exist, and says which there are', () => {
    const when = { detections: ['password_sprai'] };
    assert.throws(
      () => read({ when }, { detections: ['password_spray'] }),
      /there are password_spray/,
    );
  });

  it('refuses two rules of one name, and another version', () => {
    assert.throws(
      () => parsePolicy({ version: 1, name: 'p', rules: [good, good] }),
      /another rule/,
    );
    assert.throws(() => parsePolicy({ version: 2, name: 'p', rules: [good] }), /version must be 1/);
  });
});
