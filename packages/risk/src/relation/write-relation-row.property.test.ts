// The features of an act against a list that is counted anew, and the promise that to leave something
// out or to make something up never makes an act look more like its subject.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RealmCounts } from '../counts/realm-counts.ts';
import { ATTRIBUTES, type Attribute } from '../input/attributes.ts';
import { HALF_LIFE_SECONDS } from '../profile/decay.ts';
import { Profile } from '../profile/profile.ts';
import { RELATION_FEATURES, RELATION_MONOTONE, type RelationFeature } from './relation-features.ts';
import { writeRelationRow } from './write-relation-row.ts';

const START = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
const values = fc
  .array(fc.integer({ min: 0, max: 6 }), { minLength: 13, maxLength: 13 })
  .map((list) => Float64Array.from(list));
const life = fc.array(
  fc.record({ values, isOwn: fc.boolean(), day: fc.integer({ min: 0, max: 40 }) }),
  { maxLength: 30 },
);

interface World {
  own: { values: Float64Array; timeMs: number }[];
  profile: Profile;
  counts: RealmCounts;
  all: { values: Float64Array; timeMs: number }[];
  nowMs: number;
}

function live(acts: readonly { values: Float64Array; isOwn: boolean; day: number }[]): World {
  const all = acts
    .map((each) => ({ ...each, timeMs: START + each.day * DAY_MS }))
    .sort((one, other) => one.timeMs - other.timeMs);
  const own = all.filter((each) => each.isOwn);
  const [profile, counts] = [new Profile(), new RealmCounts()];
  for (const each of own) profile.learn(each.values, each.timeMs);
  for (const each of all) counts.learn(each.values, each.timeMs);
  return { own, all, profile, counts, nowMs: START + 50 * DAY_MS };
}

function rowOf(world: World, shown: Float64Array, lookedUp = true) {
  const row = new Float64Array(RELATION_FEATURES.length).fill(Number.NaN);
  writeRelationRow(world.profile, world.counts, undefined, shown, world.nowMs, lookedUp, row);
  const at = (name: RelationFeature) => row[RELATION_FEATURES.indexOf(name)]!;
  return { row, at };
}

/** Word for word: ln(p_global / p_user), the user's side (count + p_global) / (known + 1). */
function literal(world: World, shown: Float64Array, attribute: Attribute) {
  const index = ATTRIBUTES.indexOf(attribute);
  const decay = (timeMs: number, from: number) =>
    2 ** (-(from - timeMs) / 1000 / HALF_LIFE_SECONDS);
  const latest = world.all.at(-1)?.timeMs ?? 0;
  const weigh = (acts: World['all'], from: number, isMeant: (value: number) => boolean) =>
    acts.reduce(
      (sum, each) => (isMeant(each.values[index]!) ? sum + decay(each.timeMs, from) : sum),
      0,
    );
  const isKnown = (value: number) => value > 0;
  const isSame = (value: number) => value > 0 && value === shown[index];
  const known = weigh(world.own, world.nowMs, isKnown);
  if (known === 0) return { llr: 0, isNew: 0 };
  const seen = weigh(world.own, world.nowMs, isSame);
  if (shown[index] === 0 || seen === 0) return { llr: Math.log(known + 1), isNew: 1 };
  const distinct = new Set(world.all.map((each) => each.values[index]!).filter(isKnown)).size;
  const share =
    (weigh(world.all, latest, isSame) + 1) / (weigh(world.all, latest, isKnown) + distinct + 2);
  return { llr: Math.log(share / ((seen + share) / (known + 1))), isNew: 0 };
}

test('Each likelihood ratio is what counting anew gives, and new is what was never shown', () => {
  fc.assert(
    fc.property(life, values, (acts, shown) => {
      const world = live(acts);
      const { at } = rowOf(world, shown);
      for (const attribute of ATTRIBUTES) {
        const { llr, isNew } = literal(world, shown, attribute);
        assert.ok(Math.abs(at(`llr_${attribute}`) - llr) < 1e-4, attribute);
        assert.equal(at(`new_${attribute}`), isNew);
      }
    }),
    { numRuns: 150 },
  );
});

test('To leave values out raises every feature that only raises a score, or leaves it as it is', () => {
  fc.assert(
    fc.property(life, values, fc.nat(12), (acts, shown, left) => {
      const world = live(acts);
      const without = shown.slice();
      without[left] = 0;
      const [told, silent] = [rowOf(world, shown).row, rowOf(world, without).row];
      for (let feature = 0; feature < told.length; feature++) {
        if (RELATION_MONOTONE[feature] === 1) assert.ok(silent[feature]! >= told[feature]!);
        else assert.equal(silent[feature], told[feature]);
      }
    }),
    { numRuns: 150 },
  );
});

test('Where networks cannot be looked up, only an address that is known vouches for its own', () => {
  fc.assert(
    fc.property(life, values, (acts, shown) => {
      const world = live(acts);
      const without = shown.slice();
      without[ATTRIBUTES.indexOf('asn')] = 0;
      without[ATTRIBUTES.indexOf('country')] = 0;
      const { at } = rowOf(world, without, false);
      const strict = rowOf(world, without).at;
      const isFamiliar = world.own.some(({ values: past }) => past[0]! > 0 && past[0] === shown[0]);
      if (!isFamiliar) assert.equal(at('new_asn'), strict('new_asn'));
      else assert.equal(at('new_asn') + at('new_country'), 0);
      assert.equal(at('new_ua'), strict('new_ua'));
    }),
    { numRuns: 100 },
  );
});

test('Every feature is a number, whatever is shown and whenever', () => {
  const odd = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, -3, 2 ** 53, 0.5, -0));
  fc.assert(
    fc.property(life, fc.array(odd, { maxLength: 20 }), odd, (acts, shown, timeMs) => {
      const world = live(acts);
      const { row } = rowOf({ ...world, nowMs: timeMs }, Float64Array.from(shown));
      assert.ok(
        row.every((each) => Number.isFinite(each)),
        String(row),
      );
    }),
    { numRuns: 150 },
  );
});
