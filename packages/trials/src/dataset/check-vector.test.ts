// Freeman as published, against the scores that the authors published with their code (das-group/rba-algorithm,
// MIT): the first million rows of the real file, which is not ours to ship.

import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { test } from 'node:test';
import { Freeman, wholeFrameAttenuation } from '../baselines/freeman.ts';
import { readRba } from './read-rba.ts';

const CSV = process.env['COUNTERSIGN_RBA_CSV'];
const [FIRST, LAST] = [50_000, 50_049];
/** The first two and the last of 24. */
const PUBLISHED = [0.001735608896331267, 0.0003131930911696338, 0.0009051562075623795];

test('the published check vector is met to the last digit but few', {
  skip: CSV === undefined ? 'give rba-dataset.csv in COUNTERSIGN_RBA_CSV' : false,
}, async () => {
  const options = { mostRows: 1_000_000, asPublished: true };
  const { logins } = await readRba(createReadStream(CSV!), options);
  assert.equal(logins.size, 476_564);
  assert.equal(logins.users, 271_719);
  const freeman = new Freeman(logins, wholeFrameAttenuation(logins));
  const scores: number[] = [];
  for (let row = 0; row <= LAST; row++) {
    const score = freeman.score(logins.user[row]!, logins.traits, row);
    if (row >= FIRST && !Number.isNaN(score)) scores.push(score);
    freeman.learn(row);
  }
  assert.equal(scores.length, 24);
  [scores[0]!, scores[1]!, scores[23]!].forEach((score, at) => {
    assert.ok(Math.abs(score / PUBLISHED[at]! - 1) < 1e-9, `${score} is not ${PUBLISHED[at]}`);
  });
});
