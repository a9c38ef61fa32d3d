import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { trainIsolationForest } from '@countersign/learner';
import fc from 'fast-check';
import type { RealmMemory } from '../assess/realm-memory.ts';
import { RealmCounts } from '../counts/realm-counts.ts';
import { InfrastructureCounters } from '../infrastructure/infrastructure-counters.ts';
import { ATTRIBUTE_INDEX, type Attribute } from '../input/attributes.ts';
import type { RiskModel } from '../model/risk-model.ts';
import { Profile } from '../profile/profile.ts';
import { Calibration } from '../score/calibration.ts';
import { makeInput, makeSmallRealm } from '../testing/small-realm.ts';
import { learnNovelty, NOVELTY_PART, noveltyHead } from './novelty-head.ts';
import { NOVELTY_FEATURES, writeNoveltyRow } from './novelty-row.ts';

const acts = makeSmallRealm(5, 100, 2_000);
const profiles = Array.from({ length: 100 }, () => new Profile());
const realm = {
  counts: new RealmCounts(),
  infrastructure: new InfrastructureCounters(),
  calibration: new Calibration(),
  detectors: { encode: () => new Uint8Array() },
};
const rows: number[] = [];
const memoryOf = (profile: Profile): RealmMemory => ({ ...realm, profile });
for (let act = 0; act < acts.size; act++) {
  const profile = profiles[acts.subject[act]!]!;
  const row = new Float64Array(NOVELTY_FEATURES.length);
  writeNoveltyRow(acts.values[act]!, acts.timeMs[act]!, memoryOf(profile), row);
  rows.push(...row);
  const input = makeInput(acts.values[act]!, acts.timeMs[act]!);
  learnNovelty(input, undefined, memoryOf(profile), { calibration: true });
  profile.learn(acts.values[act]!, acts.timeMs[act]!);
  realm.counts.learn(acts.values[act]!, acts.timeMs[act]!);
}
const forest = trainIsolationForest(
  { rows: acts.size, columns: NOVELTY_FEATURES.length, data: Float64Array.from(rows) },
  { seed: 1, features: NOVELTY_FEATURES },
);
const model = { parts: { [NOVELTY_PART]: forest } } as unknown as RiskModel;
const NOW = acts.timeMs[acts.size - 1]! + 3_600_000;

function usualOf(profile: Profile): Float64Array {
  const values = new Float64Array(13);
  for (const name of Object.keys(ATTRIBUTE_INDEX) as Attribute[]) {
    values[ATTRIBUTE_INDEX[name]] = profile.values(name, NOW)[0]?.value ?? 0;
  }
  return values;
}

function rawOf(values: Float64Array, profile: Profile, by: RiskModel | undefined): number {
  return noveltyHead(makeInput(values, NOW), memoryOf(profile), by)!.raw;
}

for (const [who, by] of [
  ['a forest of the model', model],
  ['the trees of the realm', undefined],
] as const) {
  describe(`novelty by ${who}`, () => {
    it('finds what nobody shows odder than what the subject always shows', () => {
      let odder = 0;
      for (const profile of profiles) {
        const usual = usualOf(profile);
        const strange = usual.map((value) => (value === 0 ? 0 : value + 5_000_000));
        if (rawOf(strange, profile, by) > rawOf(usual, profile, by)) odder++;
      }
      assert.ok(odder >= 95, `${odder} of 100`);
    });

    it('never finds an act less odd for hiding something than for showing what is usual', () => {
      fc.assert(
        fc.property(
          fc.nat({ max: 99 }),
          fc.subarray(['asn', 'country', 'browser', 'os', 'device', 'language'] as const),
          fc.nat({ max: 1_999 }),
          (who, hidden, from) => {
            const profile = profiles[who]!;
            const [shown, usual] = [acts.values[from]!.slice(), usualOf(profile)];
            for (const name of hidden) shown[ATTRIBUTE_INDEX[name]] = usual[ATTRIBUTE_INDEX[name]]!;
            const without = shown.slice();
            for (const name of hidden) without[ATTRIBUTE_INDEX[name]] = 0;
            assert.ok(rawOf(without, profile, by) >= rawOf(shown, profile, by));
          },
        ),
      );
    });
  });
}

describe('the trees of a realm', () => {
  it('say nothing before 250 acts, and come back from their bytes', () => {
    const fresh = { ...realm, calibration: new Calibration(), profile: profiles[0]! };
    assert.equal(noveltyHead(makeInput(acts.values[0]!, NOW), fresh, undefined), undefined);
    const again = { ...realm, calibration: Calibration.decode(realm.calibration.encode()) };
    for (const profile of profiles.slice(0, 10)) {
      const input = makeInput(usualOf(profile), NOW);
      assert.equal(
        noveltyHead(input, { ...again, profile }, undefined)!.raw,
        rawOf(input.values, profile, undefined),
      );
    }
  });

  it('learn from nobody who was not taken as legitimate', () => {
    const calibration = new Calibration();
    const before = calibration.encode();
    const memory = { ...realm, calibration, profile: profiles[0]! };
    const input = makeInput(acts.values[0]!, NOW);
    for (let n = 0; n < 300; n++) learnNovelty(input, undefined, memory, { calibration: false });
    for (let n = 0; n < 300; n++)
      learnNovelty({ ...input, outcome: 'failure' }, undefined, memory, { calibration: true });
    assert.deepEqual(calibration.encode(), before);
  });
});
