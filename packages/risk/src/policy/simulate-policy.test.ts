import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultPolicy } from './default-policy.ts';
import type { PolicyRule } from './risk-policy.ts';
import { type PastAct, SIMULATION_LIMITS, simulatePolicy } from './simulate-policy.ts';

const act = (id: string, score: number, more: Partial<PastAct['facts']> = {}): PastAct => ({
  id,
  timeMs: 1_000 * Number(id.slice(1)),
  subject: `person-${id.slice(0, 1)}`,
  view: {
    score,
    level: score >= 75 ? 'high' : score >= 50 ? 'medium' : 'low',
    state: 'scored',
    detections: [],
    heads: {},
  },
  facts: {
    population: 'customer',
    subjectKind: 'person',
    kind: 'sign_in',
    app: 'shop',
    hasFactor: false,
    factorProved: false,
    administrator: false,
    otherAdministratorsAble: true,
    ...more,
  },
  done: 'allow',
});

describe('what a policy would have done', () => {
  const past = [
    act('a1', 10),
    act('a2', 90),
    act('b3', 90),
    act('c4', 60, { hasFactor: true, population: 'partner', app: 'portal' }),
    act('d5', 60),
  ];
  const simulation = simulatePolicy(defaultPolicy, past);

  it('is counted in all, by population, by app and by rule', () => {
    assert.deepEqual(simulation.total, { allow: 2, step_up: 1, deny: 2, limited: 2, notified: 4 });
    assert.equal(simulation.byPopulation['partner']?.step_up, 1);
    assert.equal(simulation.byApp['shop']?.deny, 2);
    assert.equal(simulation.byRule['people at high prove a passkey or stay out'], 2);
    assert.deepEqual([simulation.acts, simulation.fromMs, simulation.toMs], [5, 1_000, 5_000]);
  });

  it('names how many people are affected, and how many could never have passed', () => {
    const { seen, askedOrDenied, denied, neverIn } = simulation.people;
    assert.deepEqual([seen, askedOrDenied, denied, neverIn], [4, 3, 2, 1]);
    const shut = simulatePolicy(defaultPolicy, [...past, act('e6', 90), act('a7', 10)]);
    assert.equal(shut.people.neverIn, 2, 'b and e; a came in twice and was kept out once');
  });

  it('stands beside what was done then, with examples', () => {
    assert.deepEqual(simulation.compared, { stricter: 3, milder: 0, same: 2 });
    assert.deepEqual(
      simulation.examples.map(({ id, would }) => [id, would]),
      [
        ['a2', 'deny'],
        ['b3', 'deny'],
        ['c4', 'step_up'],
      ],
    );
  });

  it('is milder where somebody was kept out who would come in', () => {
    const { compared, examples } = simulatePolicy(defaultPolicy, [
      { ...act('a1', 10), done: 'deny' },
      { ...act('b2', 90), done: 'deny' },
      { ...act('c3', 90, { hasFactor: true }), done: 'deny' },
    ]);
    assert.deepEqual(compared, { stricter: 0, milder: 2, same: 1 });
    const [first] = examples;
    const { subject, ...rest } = first ?? assert.fail();
    assert.equal(subject, 'person-a');
    assert.deepEqual(rest, { id: 'a1', timeMs: 1_000, done: 'deny', would: 'allow' });
  });

  it('counts rules by their names, whatever they are called', () => {
    const named = (name: string) =>
      ({ name, when: { score: 1 }, action: 'deny' }) as const satisfies PolicyRule;
    const rules = ['constructor', '__proto__', 'toString'].map(named);
    const { byRule } = simulatePolicy({ ...defaultPolicy, rules }, past);
    assert.deepEqual(Object.entries(byRule), [
      ['constructor', 5],
      ['__proto__', 5],
      ['toString', 5],
    ]);
  });

  it('keeps as many apps apart as it has room for, whatever they are called', () => {
    const many = Array.from({ length: 80 }, (_, index) =>
      act(`a${index}`, 1, { app: `app-${index}` }),
    );
    const { byApp } = simulatePolicy(defaultPolicy, [act('a1', 1, { app: '__proto__' }), ...many]);
    assert.equal(Object.keys(byApp).length, SIMULATION_LIMITS.apps + 1);
    assert.equal(byApp['others']?.allow, 81 - SIMULATION_LIMITS.apps);
    assert.equal(Object.getOwnPropertyDescriptor(byApp, '__proto__')?.value.allow, 1);
  });
});
