// What LightGBM 4.7.0 itself answers, against what is read here of its text. Three models of eight trees, each
// trained on 1,500 made-up rows (seed 20261122) with another rule of what is missing, asked about 48 rows each,
// half of them with cells from the edges: NaN, ±0, ±infinity, 1e-35 and the like.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Booster } from '../booster/booster.ts';
import { decodeModel } from '../model/decode-model.ts';
import { encodeModel } from '../model/encode-model.ts';
import { readLightGbmText } from './read-lightgbm-text.ts';

const read = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../testing', name), 'utf8');
const NUMBERS = new Map([
  ['nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
]);
const ANSWERS = read('lightgbm-answers.csv')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [model, ...cells] = line.split(',');
    const row = cells.map((cell) => NUMBERS.get(cell) ?? Number(cell));
    return { model, row: Float64Array.from(row.slice(0, 6)), raw: row[6]!, probability: row[7]! };
  });

function agree(name: string, booster: Booster, sigmoid: number): void {
  const answers = ANSWERS.filter(({ model }) => model === name);
  assert.equal(answers.length, 48);
  const parts = new Float64Array(7);
  for (const { row, raw, probability } of answers) {
    const logOdds = booster.predict(row);
    assert.ok(Math.abs(logOdds - sigmoid * raw) < 1e-14, `${row}: ${logOdds}, not ${raw}`);
    assert.ok(Math.abs(1 / (1 + Math.exp(-logOdds)) - probability) < 1e-15, `${row}`);
    assert.ok(Math.abs(booster.contribute(row, parts) - logOdds) < 1e-12, `${row}`);
  }
}

describe('what LightGBM answers', () => {
  const models = [
    ['nan-missing', 0.7],
    ['zero-missing', 1],
    ['none-missing', 1],
  ] as const;
  for (const [name, sigmoid] of models)
    it(`is answered here, too, by the model ${name}`, () => {
      agree(name, readLightGbmText(read(`lightgbm-${name}.txt`)), sigmoid);
    });

  it('is answered by the model once it is a file of ours', () => {
    const [name, sigmoid] = models[0];
    const text = read(`lightgbm-${name}.txt`);
    assert.match(text, /^threshold=.*\binf\b/m, 'a split between known and not known');
    const relation = readLightGbmText(text);
    const bytes = encodeModel({
      ...{ id: 'brought', made: '2026-01-01T00:00:00.000Z', seed: 0, training: {} },
      parts: { relation },
    });
    agree(name, decodeModel(bytes).parts['relation'] as Booster, sigmoid);
  });
});
