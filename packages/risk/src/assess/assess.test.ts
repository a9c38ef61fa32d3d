// Assessing and learning with a small model: what is read, what is folded, and what happens when a part
// cannot answer.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { RealmCounts } from '../counts/realm-counts.ts';
import { ATTRIBUTE_INDEX, ATTRIBUTES } from '../input/attributes.ts';
import type { RiskInput } from '../input/risk-input.ts';
import type { RiskModel } from '../model/risk-model.ts';
import { Profile } from '../profile/profile.ts';
import { makeInput, makeSmallRealm, START, trainSmallModel } from '../testing/small-realm.ts';
import { assess, learn } from './assess.ts';
import { openRiskEngine } from './open-risk-engine.ts';
import type { RealmMemory } from './realm-memory.ts';
import type { EngineParts, RiskEngine, TeachingVerdict } from './risk-engine.ts';

const realm = makeSmallRealm(7);
const LATER = START + 5000 * 3_600_000;
const ALL: TeachingVerdict = {
  profile: true,
  counts: true,
  calibration: true,
  infrastructure: true,
  weight: 1,
};
const parts: EngineParts = {
  score: (raw) => ({ score: 10 + (raw.relation?.raw ?? 0), level: 'low', heads: {} }),
};
let model: RiskModel;
let engine: RiskEngine;

before(() => {
  model = trainSmallModel(realm);
  engine = openRiskEngine({ model, parts }).engine;
});

const nothing = { encode: () => new Uint8Array() };

function memoryOf(subject: number): RealmMemory {
  const [profile, counts] = [new Profile(), new RealmCounts()];
  for (let row = 0; row < realm.size; row++) {
    counts.learn(realm.values[row]!, realm.timeMs[row]!);
    if (realm.subject[row] === subject) profile.learn(realm.values[row]!, realm.timeMs[row]!);
  }
  return { profile, counts, infrastructure: nothing, calibration: nothing, detectors: nothing };
}

function bytesOf({ profile, counts }: RealmMemory): string {
  return Buffer.concat([profile.encode(), counts.encode()]).toString('hex');
}

const usualOf = (subject: number) => realm.values[realm.subject.lastIndexOf(subject)]!;

test('What a stranger shows is odder than what the subject shows, and both heads say by how much', () => {
  const memory = memoryOf(3);
  const seen: Record<string, number> = {};
  const spy: EngineParts = {
    ...parts,
    score(raw, detections, act) {
      const { relation } = raw;
      const sum = relation!.contributions.reduce((total, { amount }) => total + amount, 0);
      const bias = relation!.raw - sum;
      seen['bias'] ??= bias;
      assert.ok(Math.abs(bias - seen['bias']) < 1e-9, 'contributions and one bias add up');
      return parts.score(raw, detections, act);
    },
  };
  const own = assess({ ...engine, parts: spy }, makeInput(usualOf(3), LATER), memory);
  const strange = assess({ ...engine, parts: spy }, makeInput(usualOf(4), LATER), memory);
  assert.ok(strange.score > own.score + 1, `${strange.score} after ${own.score}`);
  assert.equal(own.state, 'scored');
  assert.equal(own.model, 'small-1');
});

test('To leave values out never lowers the relation head of an act', () => {
  const memory = memoryOf(3);
  fc.assert(
    fc.property(fc.nat(realm.size - 1), fc.nat(ATTRIBUTES.length - 1), (row, left) => {
      const without = realm.values[row]!.slice();
      without[left] = 0;
      const told = assess(engine, makeInput(realm.values[row]!, LATER), memory).score;
      assert.ok(assess(engine, makeInput(without, LATER), memory).score >= told);
    }),
  );
});

test('Without a history the learned heads are silent, and the assessment says that it is learning', () => {
  const memory = { ...memoryOf(3), profile: new Profile() };
  const said = assess(engine, makeInput(usualOf(3), LATER), memory);
  assert.equal(said.state, 'learning');
  assert.equal(said.score, 10);
});

test('Assessing changes nothing, however hostile the input, and never throws', () => {
  const memory = memoryOf(3);
  const before = bytesOf(memory);
  const odd = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, -1, 2 ** 60, null, 'x', undefined));
  const hostile = fc.record({
    timeMs: odd,
    values: fc.oneof(
      fc.array(odd, { maxLength: 20 }),
      fc.array(fc.double(), { maxLength: 20 }).map((list) => Float64Array.from(list)),
      fc.constantFrom(null, undefined, 'values', {}),
    ),
    labels: fc.constantFrom(null, undefined, {}, 7),
    flags: fc.constantFrom(null, undefined, {}, { tor: 'yes' }),
    missing: fc.oneof(fc.constant(null), fc.array(odd)),
    methods: fc.constantFrom(null, undefined, 'pwd', [7]),
    session: fc.constantFrom(null, undefined, {}, { startedMs: Number.NaN, values: null }),
  });
  fc.assert(
    fc.property(hostile, (changed) => {
      const input = { ...makeInput(usualOf(3), LATER), ...changed } as unknown as RiskInput;
      const said = assess(engine, input, memory);
      assert.ok(Number.isFinite(said.score));
      assert.equal(bytesOf(memory), before);
    }),
    { numRuns: 60 },
  );
  const oddest = { ...makeInput(usualOf(3), Number.NaN), values: new Float64Array(3) };
  learn(engine, oddest, assess(engine, oddest, memory), memory, ALL);
  assert.ok(Profile.decode(memory.profile.encode()).depth > 0);
});

test('A part that fails costs its own answer, and the assessment says which', () => {
  const broken = () => {
    throw new Error('no');
  };
  const memory = memoryOf(3);
  const said = assess(
    { ...engine, parts: { ...parts, novelty: broken, detect: broken, explain: broken } },
    makeInput(usualOf(3), LATER),
    memory,
  );
  assert.equal(said.state, 'degraded');
  assert.deepEqual(said.degraded.sort(), ['detectors_failed', 'novelty_failed', 'reasons_failed']);
  assert.ok(said.score > 0);
  const unscored = assess(
    { ...engine, parts: { score: broken } },
    makeInput(usualOf(3), LATER),
    memory,
  );
  assert.equal(unscored.level, 'medium');
  const senseless = { ...parts, novelty: () => ({ raw: Number.NaN, contributions: [] }) };
  const third = assess({ ...engine, parts: senseless }, makeInput(usualOf(3), LATER), memory);
  assert.deepEqual(third.degraded, ['novelty_failed']);
});

test('A model that cannot be read costs the learned heads, and every score says so', () => {
  const file = { bytes: new Uint8Array(10), trust: { sha256: 'ab' } };
  const { engine: without, refused } = openRiskEngine({ file, parts });
  assert.ok(refused instanceof Error);
  const said = assess(without, makeInput(usualOf(4), LATER), memoryOf(3));
  assert.equal(said.state, 'degraded');
  assert.deepEqual(said.degraded, ['model_unreadable']);
  assert.equal(said.model, 'none');
  assert.equal(said.score, 10);
});

test('Networks that could not be looked up are said in the score', () => {
  const input = { ...makeInput(usualOf(3), LATER), missing: ['no_network_data', 'no_language'] };
  assert.deepEqual(assess(engine, input, memoryOf(3)).degraded, ['no_network_data']);
});

test('An act teaches what its verdict lets it, and a failure teaches only that it was', () => {
  const memory = memoryOf(3);
  const input = makeInput(usualOf(4), LATER);
  const said = assess(engine, input, memory);
  const before = bytesOf(memory);
  learn(engine, input, said, memory, { ...ALL, profile: false, counts: false });
  assert.equal(bytesOf(memory), before);
  const depth = memory.profile.depth;
  learn(engine, { ...input, outcome: 'failure' }, said, memory, ALL);
  assert.equal(memory.profile.depth, depth);
  assert.ok(memory.profile.failures(LATER) > 0.9);
  learn(engine, input, said, memory, ALL);
  assert.equal(memory.profile.depth, depth + 1);
  const ip = usualOf(4)[ATTRIBUTE_INDEX.ip]!;
  assert.ok(memory.profile.values('ip', LATER).some(({ value }) => value === ip));
});
