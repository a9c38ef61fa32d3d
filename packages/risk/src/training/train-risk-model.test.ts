// Training on a small realm: the same bytes for the same seed, only the past, and refusals instead of a
// model that learned noise.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { depthBucket } from '../assess/risk-engine.ts';
import { ATTRIBUTE_INDEX, ATTRIBUTES } from '../input/attributes.ts';
import { encodeRiskModel } from '../model/model-file.ts';
import { RELATION_FEATURES, RELATION_MONOTONE } from '../relation/relation-features.ts';
import { makeSmallRealm, trainSmallModel } from '../testing/small-realm.ts';
import { gatherRows } from './gather-rows.ts';
import { measureTails, midRankTail } from './measure-tails.ts';
import { replaceAttacks } from './replace-attacks.ts';
import { trainRiskModel } from './train-risk-model.ts';
import { ATTACKS } from './training-rows.ts';

const realm = makeSmallRealm(5);
const everything = { firstRow: 0, heldOutRow: realm.size, mostRows: realm.size };

test('The same rows and seed make the same bytes, another seed makes others', () => {
  const bytes = encodeRiskModel(trainSmallModel(realm));
  assert.deepEqual(encodeRiskModel(trainSmallModel(realm)), bytes);
  assert.notDeepEqual(encodeRiskModel(trainSmallModel(realm, 2)), bytes);
});

test('A row is described by the past alone: what comes after it changes nothing', () => {
  const attacks = replaceAttacks(realm, { seed: 1 });
  const half = { ...realm, size: 2000 };
  const [whole, cut] = [realm, half].map(
    (rows) => gatherRows(rows, attacks, { ...everything, mostRows: 1e9 }).training,
  );
  assert.ok(cut!.size > 1000 && cut!.size < whole!.size);
  assert.deepEqual(cut!.data, whole!.data.subarray(0, cut!.data.length));
});

test('Attackers are scored and never learnt: without them the legitimate rows are the same', () => {
  const attacks = replaceAttacks(realm, { seed: 1 });
  const none = { size: 0, row: new Uint32Array(), kind: new Uint8Array(), fill: () => {} };
  const legitimate = new Set([0]);
  const [attacked, peaceful] = [attacks, none].map((each) =>
    gatherRows(realm, each, everything).training.select(legitimate),
  );
  assert.deepEqual(attacked, peaceful);
});

test('A simulated attacker shows what his kind shows', () => {
  const attacks = replaceAttacks(realm, { seed: 3 });
  const shown = new Float64Array(ATTRIBUTES.length);
  const { ip, net, asn, country } = ATTRIBUTE_INDEX;
  const seen = new Set<string>();
  for (let attack = 0; attack < attacks.size; attack++) {
    const victim = realm.values[attacks.row[attack]!]!;
    const kind = ATTACKS[attacks.kind[attack]!]!;
    attacks.fill(attack, shown);
    seen.add(kind);
    if (kind === 'naive') continue;
    assert.equal(shown[country], victim[country]);
    if (kind !== 'targeted') continue;
    assert.equal(shown[asn], victim[asn]);
    const others = ATTRIBUTES.keys().filter((index) => index !== ip && index !== net);
    for (const index of others) assert.equal(shown[index], victim[index]);
  }
  assert.deepEqual([...seen].sort(), [...ATTACKS].sort());
});

test('Tails are shares of legitimate acts at least as odd, in every bucket of history', () => {
  const raw = Float64Array.from({ length: 4000 }, (_, at) => (at * 7919) % 4000);
  const bucket = Uint8Array.from(raw, (_, at) => 1 + (at % 4));
  const tails = measureTails(raw, bucket);
  assert.equal(tails.raw[0]!.length, 0);
  for (const depth of [1, 2, 5, 10]) {
    const at = depthBucket(depth);
    const sorted = raw.filter((_, row) => bucket[row] === at).sort();
    tails.raw[at]!.forEach((score, point) => {
      const share = sorted.filter((each) => each >= score).length / sorted.length;
      assert.ok(Math.abs(tails.tail[at]![point]! - share) <= 1 / sorted.length);
    });
    assert.equal(tails.raw[at]!.at(-1), sorted.at(-1));
  }
  assert.equal(midRankTail(Float64Array.of(1, 2, 2, 3), 2), 0.5);
});

test('A model knows what it was made of, and no feature that only raises a score lowers it', () => {
  const { summary, relation, tails } = trainSmallModel(realm);
  assert.equal(summary.rows, realm.size);
  assert.ok(summary.attacks['naive']! > 500 && summary.heldOut > 500);
  assert.ok(tails.relation!.raw[4]!.length > 5);
  const rows = gatherRows(realm, replaceAttacks(realm, { seed: 1 }), everything).training;
  for (let row = 0; row < 200; row++) {
    const cells = rows.data.slice(row * rows.columns, (row + 1) * rows.columns);
    const said = relation.predict(cells);
    RELATION_FEATURES.forEach((_, feature) => {
      if (RELATION_MONOTONE[feature] !== 1) return;
      const before = cells[feature]!;
      cells[feature] = before + 1;
      assert.ok(relation.predict(cells) >= said);
      cells[feature] = before;
    });
  }
});

test('Too few acts, and acts out of order, are refused', () => {
  const options = { seed: 1, id: 'x', made: '2026-01-01T00:00:00.000Z', data: 'test' };
  assert.throws(() => trainRiskModel({ ...realm, size: 300 }, options), { code: 'bad_rows' });
  const timeMs = realm.timeMs.toReversed();
  assert.throws(() => trainRiskModel({ ...realm, timeMs }, options), { code: 'bad_rows' });
});
