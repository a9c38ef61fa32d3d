// The model that ships is the one that the code names, small enough to ship, and knows attackers from
// people in a world that it was not made of.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Logistic } from '@countersign/learner';
import { INFRASTRUCTURE_PART } from '../infrastructure/infrastructure-head.ts';
import { RELATION_FEATURES } from '../relation/relation-features.ts';
import { makeSmallRealm } from '../testing/small-realm.ts';
import { gatherRows } from '../training/gather-rows.ts';
import { replaceAttacks } from '../training/replace-attacks.ts';
import { readDefaultModel, readDefaultModelBytes } from './default-model.ts';

test('The model that ships has the hash that the code names, and fits in 400 kB', () => {
  const model = readDefaultModel();
  assert.ok(readDefaultModelBytes().length < 400_000);
  assert.deepEqual(model.features, RELATION_FEATURES);
  assert.match(model.summary.data, /^generator/);
  const traffic = model.parts[INFRASTRUCTURE_PART];
  assert.ok(traffic instanceof Logistic && traffic.numbers.weights.every((weight) => weight >= 0));
  assert.ok(model.tails.infrastructure);
  for (const bucket of [1, 2, 3, 4]) {
    assert.ok(model.tails.relation!.tail[bucket]!.at(-1)! < 0.001, 'tails reach what is high');
  }
});

test('It finds strangers in a world that it never saw', () => {
  const realm = makeSmallRealm(11);
  const options = { firstRow: 2000, heldOutRow: realm.size, mostRows: realm.size };
  const rows = gatherRows(realm, replaceAttacks(realm, { seed: 1 }), options).training;
  const { relation } = readDefaultModel();
  const scores: number[][] = [[], [], [], []];
  for (let row = 0; row < rows.size; row++) {
    scores[rows.kinds[row]!]!.push(relation.predict(rows.data, row * rows.columns));
  }
  const [legitimate, naive] = scores.map((each) => each.sort((a, b) => a - b));
  const limit = legitimate![Math.floor(legitimate!.length * 0.95)]!;
  const found = naive!.filter((score) => score > limit).length / naive!.length;
  assert.ok(found > 0.5, `${found} of the naive at one false alarm in twenty`);
});
