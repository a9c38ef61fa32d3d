// A profile against a list of acts that is counted anew each time, and its bytes against whatever a
// store may hand back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCodedError } from '@countersign/vocabulary';
import fc from 'fast-check';
import { ATTRIBUTES, MAX_VALUE } from '../input/attributes.ts';
import { HALF_LIFE_SECONDS } from './decay.ts';
import { Profile, READ_STRIDE } from './profile.ts';
import { MAX_PROFILE_BYTES } from './profile-layout.ts';

interface Act {
  timeMs: number;
  values: Float64Array;
  weight: number;
}

const START = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
const value = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9 }), fc.maxSafeInteger());
const values = fc
  .array(value, { minLength: ATTRIBUTES.length, maxLength: ATTRIBUTES.length })
  .map((list) => Float64Array.from(list, (each) => Math.min(Math.abs(each), MAX_VALUE)));
const act = fc.record({
  timeMs: fc.integer({ min: 0, max: 900 }).map((day) => START + day * DAY_MS),
  values,
  weight: fc.constantFrom(1, 1, 1, 0.5, 0.1),
});
const life = fc
  .array(act, { maxLength: 14 })
  .map((acts) => acts.sort((one, other) => one.timeMs - other.timeMs));
const anything = fc.oneof(fc.double(), fc.constantFrom(-1, 2 ** 60, Number.NaN, 0.5));

function live(acts: readonly Act[]): Profile {
  const profile = new Profile();
  for (const each of acts) profile.learn(each.values, each.timeMs, each.weight);
  return profile;
}

/** Sum over the acts of what each still counts now. */
function sum(acts: readonly Act[], nowMs: number, counts: (each: Act, at: number) => boolean) {
  return acts.reduce(
    (total, each, at) =>
      counts(each, at)
        ? total + each.weight * 2 ** (-(nowMs - each.timeMs) / 1000 / HALF_LIFE_SECONDS)
        : total,
    0,
  );
}

const near = (found: number, wanted: number) =>
  assert.ok(Math.abs(found - wanted) <= 1e-5 * (1 + wanted), `${found} instead of ${wanted}`);

test('A profile says what counting all acts anew says, decayed by half in 180 days', () => {
  fc.assert(
    fc.property(life, values, fc.integer({ min: 900, max: 1500 }), (acts, asked, day) => {
      const nowMs = START + day * DAY_MS;
      const profile = live(acts);
      const read = new Float64Array(ATTRIBUTES.length * READ_STRIDE);
      profile.readInto(asked, nowMs, read);
      assert.equal(profile.depth, acts.length);
      near(
        profile.weight(nowMs),
        sum(acts, nowMs, () => true),
      );
      ATTRIBUTES.forEach((attribute, index) => {
        const shown = (each: Act) => each.values[index]!;
        const same = sum(acts, nowMs, (each) => shown(each) === asked[index] && shown(each) > 0);
        const known = sum(acts, nowMs, (each) => shown(each) > 0);
        const held = profile.values(attribute, nowMs);
        assert.equal(profile.usual(attribute), held[0]?.value ?? 0);
        const strange = held.length > 0 && held.every((each) => each.value !== asked[index]);
        assert.equal(profile.isStrange(attribute, asked[index]!), strange);
        const fresh = sum(
          acts,
          nowMs,
          (each, at) =>
            shown(each) > 0 && !acts.slice(0, at).some((past) => shown(past) === shown(each)),
        );
        near(read[index * READ_STRIDE]!, same);
        near(read[index * READ_STRIDE + 1]!, known);
        near(profile.knownWeight(attribute, nowMs), known);
        near(read[index * READ_STRIDE + 2]!, fresh);
        near(
          profile.values(attribute, nowMs).reduce((total, each) => total + each.weight, 0),
          known,
        );
      });
    }),
    { numRuns: 60 },
  );
});

test('Bytes of a profile are read back as the same profile, which goes on as if it never left', () => {
  fc.assert(
    fc.property(life, life, (acts, more) => {
      const profile = live(acts);
      const read = Profile.decode(profile.encode());
      assert.deepEqual(read.encode(), profile.encode());
      for (const each of more) {
        profile.learn(each.values, each.timeMs);
        read.learn(each.values, each.timeMs);
      }
      profile.noteFailure(START);
      read.noteFailure(START);
      assert.deepEqual(read.encode(), profile.encode());
    }),
    { numRuns: 60 },
  );
});

test('Bytes that were changed are refused, or are a profile that can be lived with', () => {
  const change = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) });
  fc.assert(
    fc.property(
      life,
      fc.array(change, { minLength: 1, maxLength: 4 }),
      act,
      (acts, changes, one) => {
        const bytes = live(acts).encode();
        for (const { at, to } of changes) bytes[at % bytes.length] = to;
        try {
          const profile = Profile.decode(bytes);
          profile.learn(one.values, one.timeMs);
          const read = new Float64Array(ATTRIBUTES.length * READ_STRIDE);
          profile.readInto(one.values, one.timeMs, read);
          assert.ok(read.every((each) => Number.isFinite(each) && each >= 0));
          assert.ok(Number.isFinite(profile.hourOddness(one.timeMs, 'week')));
        } catch (error) {
          assert.ok(isCodedError(error) && error.code === 'bad_profile', String(error));
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('Any other bytes are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      assert.throws(() => Profile.decode(bytes), { code: 'bad_profile' });
    }),
  );
  const longer = new Uint8Array(MAX_PROFILE_BYTES + 1);
  assert.throws(() => Profile.decode(longer), { code: 'bad_profile' });
  const cut = live([{ timeMs: START, values: new Float64Array(13).fill(7), weight: 1 }]).encode();
  assert.throws(() => Profile.decode(cut.subarray(0, -1)), { code: 'bad_profile' });
});

test('Two thousand acts of a stranger leave a profile of bounded length that remembers the frequent', () => {
  const profile = new Profile();
  const usual = new Float64Array(ATTRIBUTES.length).fill(1);
  for (let day = 0; day < 400; day++) {
    profile.learn(usual, START + day * 3_600_000);
    for (let i = 0; i < 4; i++) {
      const odd = Float64Array.from(usual, (_, index) => 10 + day * 100 + i * 20 + index);
      profile.learn(odd, START + day * 3_600_000);
    }
  }
  assert.equal(profile.encode().length, MAX_PROFILE_BYTES);
  assert.equal(profile.values('ip', START + 400 * 3_600_000)[0]!.value, 1);
  assert.equal(Profile.decode(profile.encode()).depth, 2000);
});

test('Values, times and weights that are none are not learnt, and never make a number that is none', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.array(anything), anything, anything)), (acts) => {
      const profile = new Profile();
      const read = new Float64Array(ATTRIBUTES.length * READ_STRIDE);
      for (const [list, timeMs, weight] of acts) {
        profile.learn(Float64Array.from(list), timeMs, weight);
        profile.noteFailure(timeMs);
        profile.readInto(Float64Array.from(list), timeMs, read);
        assert.ok(read.every((each) => Number.isFinite(each) && each >= 0));
      }
      assert.ok(Number.isFinite(profile.failures(START)));
      assert.deepEqual(Profile.decode(profile.encode()).encode(), profile.encode());
    }),
  );
});

test('A clock that goes back adds to the last second that was known, and takes nothing away', () => {
  const profile = new Profile();
  const usual = new Float64Array(ATTRIBUTES.length).fill(5);
  profile.learn(usual, START);
  profile.learn(usual, START - 400 * DAY_MS);
  assert.equal(profile.lastMs, START);
  near(profile.weight(START - 400 * DAY_MS), 2);
});
