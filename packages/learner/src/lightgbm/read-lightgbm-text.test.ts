// A model as LightGBM saves it, written by hand, against its rules written down by hand: what is
// missing, what is zero, what is refused.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readLightGbmText } from './read-lightgbm-text.ts';

const FIXTURE = readFileSync(join(import.meta.dirname, '../testing/lightgbm-v4.txt'), 'utf8');

const ask = (text: string, ...cells: number[]): number =>
  readLightGbmText(text).predict(Float64Array.from(cells));
const refuses = (code: string, text: string): void =>
  assert.throws(() => readLightGbmText(text), { name: 'CodedError', code });

/** One split of column 0 at a threshold: −1 on the left, 1 on the right. */
function stump(decision: number, threshold: string): string {
  return [
    ...['tree', 'version=v4', 'num_class=1', 'num_tree_per_iteration=1', 'label_index=0'],
    ...[
      'max_feature_idx=0',
      'objective=binary sigmoid:1',
      'feature_names=a',
      'feature_infos=[-9:9]',
    ],
    ...[
      'tree_sizes=1',
      '',
      'Tree=0',
      'num_leaves=2',
      'num_cat=0',
      'split_feature=0',
      'split_gain=1',
    ],
    ...[`threshold=${threshold}`, `decision_type=${decision}`, 'left_child=-1', 'right_child=-2'],
    ...['leaf_value=-1 1', 'leaf_weight=1 1', 'leaf_count=5 5', 'internal_value=0'],
    ...['internal_weight=2', 'internal_count=10', 'is_linear=0', 'shrinkage=0.1', '', ''],
    ...[
      'end of trees',
      '',
      'feature_importances:',
      'a=1',
      '',
      'parameters:',
      'end of parameters',
      '',
    ],
  ].join('\n');
}

describe('a model of LightGBM', () => {
  it('is read with its names, its trees in their order and its leaves as they are', () => {
    const booster = readLightGbmText(FIXTURE);
    assert.deepEqual(booster.features, ['llr_ip', 'new_device', 'log_gap']);
    assert.equal(booster.trees.length, 3);
    // Worked out by hand from the three trees of the fixture.
    assert.equal(ask(FIXTURE, 1.0, 0, 3), -2.25 + -0.5 + 0.125);
    assert.equal(ask(FIXTURE, 2.5, 1, 3), -1.75 + 0.75 + 0.125);
    assert.equal(ask(FIXTURE, 4.5, 1, 5), -0.25 + 0.75 + 0.125);
    assert.equal(ask(FIXTURE, 9, 1, 7), 1.5 + 0.25 + 0.125);
  });

  it('gives parts that add up, from a mean weighed by its counts', () => {
    const booster = readLightGbmText(FIXTURE);
    const out = new Float64Array(4);
    const logOdds = booster.contribute(Float64Array.of(9, 1, 7), out);
    assert.ok(Math.abs(out.reduce((sum, part) => sum + part, 0) - logOdds) < 1e-12);
    const first = (-2.25 * 500 + -1.75 * 300 + -0.25 * 150 + 1.5 * 50) / 1000;
    const second = (-0.5 * 600 + 0.75 * 250 + 0.25 * 150) / 1000;
    assert.ok(Math.abs((out[3] as number) - (first + second + 0.125)) < 1e-12);
  });

  it('has the sigmoid of its objective in its log-odds', () => {
    assert.equal(ask(FIXTURE.replace('sigmoid:1', 'sigmoid:2'), 1, 0, 3), 2 * -2.625);
    assert.equal(ask(FIXTURE.replace('binary sigmoid:1', 'cross_entropy'), 1, 0, 3), -2.625);
  });

  it('may have lines that end as on Windows, and be of version 3', () => {
    assert.equal(ask(FIXTURE.replaceAll('\n', '\r\n'), 1, 0, 3), -2.625);
    assert.equal(ask(FIXTURE.replace('version=v4', 'version=v3'), 1, 0, 3), -2.625);
  });

  /** The rules of LightGBM's Tree::NumericalDecision, in words that follow it line by line. */
  const decide = (cell: number, threshold: number, decision: number): number => {
    const kind = (decision >> 2) & 3;
    let value = cell;
    if (Number.isNaN(value) && kind !== 2) value = 0;
    const isZero = value >= -1.0000000180025095e-35 && value <= 1.0000000180025095e-35;
    if ((kind === 1 && isZero) || (kind === 2 && Number.isNaN(value)))
      return (decision & 2) !== 0 ? -1 : 1;
    return value <= threshold ? -1 : 1;
  };

  it('sends each cell where LightGBM does, for all kinds of missing and both defaults', () => {
    const cell = fc.oneof(
      fc.double(),
      fc.constantFrom(0, -0, 1e-35, -1e-35, 1.1e-35, 1e-36, Number.NaN, Infinity, -Infinity, 0.5),
    );
    const threshold = fc.constantFrom(
      '0.5',
      '-0.5',
      '0',
      '1.0000000180025095e-35',
      '-1e-30',
      '1e+300',
    );
    fc.assert(
      fc.property(fc.constantFrom(0, 2, 4, 6, 8, 10), threshold, cell, (decision, at, value) => {
        assert.equal(ask(stump(decision, at), value), decide(value, Number(at), decision));
      }),
      { numRuns: 500 },
    );
  });

  it('sends NaN and 0 where the table says', () => {
    const table: [decision: number, threshold: string, ofNaN: number, ofZero: number][] = [
      [0, '0.5', -1, -1],
      [0, '-0.5', 1, 1],
      [2, '-0.5', 1, 1],
      [4, '0.5', 1, 1],
      [6, '-0.5', -1, -1],
      [8, '0.5', 1, -1],
      [10, '-0.5', -1, 1],
    ];
    for (const [decision, threshold, ofNaN, ofZero] of table) {
      assert.equal(ask(stump(decision, threshold), Number.NaN), ofNaN, `${decision} ${threshold}`);
      assert.equal(ask(stump(decision, threshold), 0), ofZero, `${decision} ${threshold}`);
    }
  });

  it('may have a tree of one leaf', () => {
    const single = stump(2, '1')
      .replace('num_leaves=2', 'num_leaves=1')
      .replace(/^(split_feature|threshold|decision_type|left_child|right_child)=.*$/gm, '$1=')
      .replace('leaf_value=-1 1', 'leaf_value=0.5')
      .replace('leaf_count=5 5', 'leaf_count=10');
    assert.equal(ask(single, 3), 0.5);
  });

  it('is refused by name when it uses what is not read', () => {
    const text = stump(2, '1');
    const unsupported: [string, string][] = [
      ['num_class=1', 'num_class=3'],
      ['num_tree_per_iteration=1', 'num_tree_per_iteration=3'],
      ['binary sigmoid:1', 'lambdarank'],
      ['decision_type=2', 'decision_type=1'],
      ['num_cat=0', 'num_cat=1'],
      ['is_linear=0', 'is_linear=1'],
      ['version=v4', 'version=v2'],
      ['label_index=0', 'label_index=0\naverage_output'],
      ['num_leaves=2', 'num_leaves=999'],
      ['max_feature_idx=0', 'max_feature_idx=99999'],
    ];
    for (const [from, to] of unsupported) {
      assert.ok(text.includes(from), from);
      refuses('lightgbm_unsupported', text.replace(from, to));
    }
  });

  it('is refused when it is damaged', () => {
    const text = stump(2, '1');
    const damaged: [string | RegExp, string][] = [
      [/^tree/, 'forest'],
      ['end of trees', ''],
      ['left_child=-1', 'left_child=0'],
      ['left_child=-1', 'left_child=-2'],
      ['left_child=-1', 'left_child=7'],
      ['left_child=-1', 'left_child=0.5'],
      ['left_child=-1\n', ''],
      ['leaf_value=-1 1', 'leaf_value=-1'],
      ['leaf_value=-1 1', 'leaf_value=-1 nan'],
      ['threshold=1', 'threshold=1e999'],
      ['decision_type=2', 'decision_type=14'],
      ['feature_names=a', 'feature_names=a b'],
      ['Tree=0', 'Tree=1'],
      ['num_leaves=2', 'num_leaves=0'],
      ['num_leaves=2', 'num_leaves=2\nnum_leaves=2'],
    ];
    for (const [from, to] of damaged) refuses('lightgbm_malformed', text.replace(from, to));
    refuses('model_malformed', text.replace('split_feature=0', 'split_feature=1'));
  });

  it('whatever bytes change, is read or refused in closed words', () => {
    const row = Float64Array.of(1, Number.NaN, 0);
    const change = fc.record({
      at: fc.nat(FIXTURE.length - 1),
      text: fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('-', '9', ' ', '\n', '=', 'e99')),
      cut: fc.nat(3),
    });
    fc.assert(
      fc.property(change, ({ at, text, cut }) => {
        try {
          const booster = readLightGbmText(FIXTURE.slice(0, at) + text + FIXTURE.slice(at + cut));
          if (booster.features.length <= 3) assert.ok(Number.isFinite(booster.predict(row)));
        } catch (error) {
          assert.match(
            String((error as { code?: string }).code),
            /^(lightgbm|model)_/,
            String(error),
          );
        }
      }),
      { numRuns: 500 },
    );
  });
});
