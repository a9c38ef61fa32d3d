import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ATTRIBUTE_INDEX, ATTRIBUTES } from '../input/attributes.ts';
import { Profile } from '../profile/profile.ts';
import { TEACHING_LIMITS, type TeachingFacts, teachingVerdict } from './teaching-verdict.ts';

const DAY_MS = 86_400_000;
const NOW_MS = 1_795_000_000_000;
const low: TeachingFacts = {
  input: { kind: 'sign_in', subjectKind: 'person', outcome: 'success', timeMs: NOW_MS },
  assessment: { level: 'low', detections: [] },
  action: 'allow',
};
const medium: TeachingFacts = { ...low, assessment: { level: 'medium', detections: [] } };
const valuesOf = (value: number) => new Float64Array(ATTRIBUTES.length).fill(value);
const verdictOf = (facts: TeachingFacts) => {
  const { weight: _, ...verdict } = teachingVerdict(facts, new Profile());
  return verdict;
};
const traffic = { profile: false, counts: false, calibration: false, infrastructure: true };

describe('what teaches', () => {
  it('is a sign-in of low risk, or one that passed a step-up', () => {
    const all = { profile: true, counts: true, calibration: true, infrastructure: true };
    assert.deepEqual(verdictOf(low), all);
    assert.deepEqual(verdictOf({ ...medium, action: 'step_up', settled: 'passed' }), all);
  });

  it('is not an odd one that was let through: it is seen as what legitimate people do, and learnt by nobody', () => {
    assert.deepEqual(verdictOf(medium), { ...traffic, calibration: true });
  });

  it('nor an odd one of a machine: it waits, unless it was refused, at high risk or compromised', () => {
    const token = { ...medium.input, kind: 'token', subjectKind: 'workload' } as const;
    const machine: TeachingFacts = { ...medium, input: token };
    assert.deepEqual(verdictOf(machine), { ...traffic, calibration: true, waits: true });
    const high = { level: 'high', detections: [] } as const;
    for (const more of [{ action: 'deny' }, { assessment: high }, { compromised: true }] as const) {
      assert.equal(verdictOf({ ...machine, ...more } as TeachingFacts).waits, undefined);
    }
  });

  const never: [string, TeachingFacts][] = [
    ['one that failed', { ...low, input: { ...low.input, outcome: 'failure' } }],
    ['one that was denied', { ...medium, action: 'deny' }],
    ['one whose step-up is not over', { ...medium, action: 'step_up' }],
    ['one whose step-up failed', { ...medium, action: 'step_up', settled: 'failed' }],
    ['one whose step-up was given up', { ...low, action: 'step_up', settled: 'abandoned' }],
    ['one of somebody who is compromised', { ...low, compromised: true }],
    [
      'a refresh: a stolen session would teach itself',
      { ...low, input: { ...low.input, kind: 'refresh' } },
    ],
    ['the use of a token', { ...low, input: { ...low.input, kind: 'use' } }],
  ];
  for (const [what, facts] of never) {
    it(`is never ${what}`, () => assert.deepEqual(verdictOf(facts), traffic));
  }

  it('is not what a detection names, though its score be low, and not what a doubtful factor proved', () => {
    const detections = [{ code: 'token_replay', tail: 0.001, sentence: '', facts: {} }];
    assert.deepEqual(verdictOf({ ...low, assessment: { level: 'low', detections } }), traffic);
    const doubtful = {
      ...medium,
      action: 'step_up',
      settled: 'passed',
      factorInDoubt: true,
    } as const;
    assert.equal(verdictOf(doubtful).profile, false);
  });

  it('is the token of a machine, which never signs in', () => {
    const input = { ...low.input, kind: 'token', subjectKind: 'workload' } as const;
    assert.equal(verdictOf({ ...low, input }).profile, true);
  });
});

/** The weight of one value in a profile, as a share. */
function shareOf(profile: Profile, value: number, atMs: number): number {
  const held = profile.values('asn', atMs).find((slot) => slot.value === value);
  return (held?.weight ?? 0) / profile.weight(atMs);
}

function visit(profile: Profile, value: number, atMs: number): void {
  const facts = { ...low, input: { ...low.input, timeMs: atMs } };
  const { weight } = teachingVerdict(facts, profile);
  profile.learn(valuesOf(value), atMs, weight);
}

describe('poisoning', () => {
  it('a thousand sign-ins in one day teach no more than a day may', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 1_000 }),
        (days, times) => {
          const profile = new Profile();
          for (let day = days; day > 0; day--) visit(profile, 7, NOW_MS - day * DAY_MS);
          const before = profile.weight(NOW_MS);
          for (let turn = 0; turn < times; turn++) {
            visit(profile, 9, NOW_MS + Math.floor((turn * DAY_MS) / times));
          }
          // The first of them comes a day after the last of before: a day's worth by itself. From
          // there a share of what grows by that share grows as interest does.
          const { dailyActs, dailyShare } = TEACHING_LIMITS;
          const cap = 1 + Math.max(dailyActs, (before + 1) * Math.expm1(dailyShare));
          const gained = profile.values('asn', NOW_MS + DAY_MS).find(({ value }) => value === 9);
          assert.ok((gained?.weight ?? 0) <= cap + 0.01, `${gained?.weight} of ${cap}`);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('a hundred within each second teach no more than those seconds may', () => {
    const profile = new Profile();
    for (let day = 40; day > 0; day--) visit(profile, 7, NOW_MS - day * DAY_MS);
    visit(profile, 9, NOW_MS);
    for (let turn = 1; turn <= 6_000; turn++) visit(profile, 9, NOW_MS + 10 * turn);
    const gained = profile.values('asn', NOW_MS).find(({ value }) => value === 9)?.weight ?? 0;
    assert.ok(gained < 1.01, `${gained} of an act and a minute`);
  });

  it('a patient thief is not half of a profile in two weeks of coming every hour beside its owner', () => {
    const profile = new Profile();
    for (let day = 200; day > 0; day--) visit(profile, 7, NOW_MS - day * DAY_MS);
    let days = 0;
    while (shareOf(profile, 9, NOW_MS + days * DAY_MS) < 0.5 && days < 365) {
      for (let hour = 0; hour < 24; hour++) {
        visit(profile, hour === 9 ? 7 : 9, NOW_MS + days * DAY_MS + (hour * DAY_MS) / 24);
      }
      days += 1;
    }
    assert.ok(days >= 14, `half of the profile after ${days} days`);
  });

  it('what was known of the owner stays known all the while', () => {
    const profile = new Profile();
    for (let day = 60; day > 0; day--) visit(profile, 7, NOW_MS - day * DAY_MS);
    for (let turn = 0; turn < 2_000; turn++) visit(profile, 1_000 + turn, NOW_MS + turn * 60_000);
    const held = profile.values('ip', NOW_MS + 2 * DAY_MS).map(({ value }) => value);
    assert.ok(held.includes(7), `slot ${ATTRIBUTE_INDEX.ip} forgot its owner`);
  });
});
