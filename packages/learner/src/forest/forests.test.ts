// Isolation forest and half-space trees: held to the literal path length, and odd rows are odd.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { referenceForestScore } from '../reference/reference-forest.ts';
import { seededNumbers } from '../seeded-numbers.ts';
import { madeRows } from '../testing/make-rows.ts';
import { HalfSpaceTrees } from './half-space-trees.ts';
import { averagePathLength } from './path-length.ts';
import { trainIsolationForest } from './train-isolation-forest.ts';

/** Two columns around 0, and one of their rows in a thousand far away. */
function crowd(rows: number, seed: number): Float64Array {
  const next = seededNumbers(seed);
  return Float64Array.from({ length: rows * 2 }, () => next() + next() + next() - 1.5);
}

describe('an isolation forest', () => {
  it('has the score that paths followed literally give', () => {
    fc.assert(
      fc.property(madeRows({ rows: 40, columns: 4 }), fc.nat(), ({ x }, seed) => {
        const forest = trainIsolationForest(x, { seed, trees: 5, sample: 16 });
        const out = new Float64Array(x.columns + 1);
        for (let row = 0; row < x.rows; row += 1) {
          const cells = x.data.slice(row * x.columns, (row + 1) * x.columns);
          const score = forest.contribute(cells, out);
          assert.equal(score, forest.score(cells));
          assert.ok(score > 0 && score < 1, `${score}`);
          assert.ok(Math.abs(score - referenceForestScore(forest, [...cells])) <= 1e-9);
          const parts = out.reduce((sum, part) => sum + part, 0);
          assert.ok(Math.abs(parts - Math.log2(score)) <= 1e-9);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('counts in each leaf the rows that come there', () => {
    fc.assert(
      fc.property(madeRows({ rows: 40, columns: 3 }), fc.nat(), ({ x }, seed) => {
        // All rows are in the sample, so a forest of one tree has them all in its leaves.
        const [tree] = trainIsolationForest(x, { seed, trees: 1, sample: 40 }).trees;
        assert.equal(
          tree?.rows.reduce((sum, count) => sum + count, 0),
          x.rows,
        );
        assert.ok(tree?.rows.every((count) => count > 0));
      }),
      { numRuns: 50 },
    );
  });

  it('finds far rows odd and near ones usual, and what is not known never the more usual', () => {
    const data = crowd(2000, 1);
    const forest = trainIsolationForest({ rows: 2000, columns: 2, data }, { seed: 1 });
    const near = forest.score(Float64Array.of(0, 0));
    assert.ok(near < 0.45, `${near}`);
    assert.ok(forest.score(Float64Array.of(4, 0)) > 0.55);
    assert.ok(forest.score(Float64Array.of(4, -4)) > 0.7);
    assert.ok(forest.score(Float64Array.of(Number.NaN, 0)) > near);
    const x = { rows: 2000, columns: 2, data };
    assert.ok(trainIsolationForest(x, { seed: 1, trees: 1, sample: 512 }).score(data) > 0);
    assert.throws(() => trainIsolationForest(x, { seed: 1, sample: 513 }), {
      code: 'options_invalid',
    });
    const again = trainIsolationForest({ rows: 2000, columns: 2, data }, { seed: 1 });
    assert.deepEqual(again.trees, forest.trees);
  });

  it('knows the average path of Liu, Ting and Zhou', () => {
    assert.equal(averagePathLength(1), 0);
    assert.equal(averagePathLength(2), 1);
    // 2 (ln 255 + 0.5772) − 2 · 255/256 in the paper, which takes a logarithm for the harmonic sum.
    assert.ok(Math.abs(averagePathLength(256) - 10.2448) < 0.005);
    assert.ok(Math.abs(averagePathLength(1026) - averagePathLength(1025)) < 0.002);
  });
});

describe('half-space trees', () => {
  const options = { features: ['a', 'b'], low: [-1.5, -1.5], high: [1.5, 1.5], seed: 3 };

  it('find odd what the last full window did not have, and forget it after another', () => {
    const trees = new HalfSpaceTrees(options);
    const data = crowd(500, 2);
    assert.equal(trees.ready, false);
    assert.equal(trees.score(Float64Array.of(9, 9)), 0.5);
    for (let row = 0; row < 250; row += 1) trees.update(data, row * 2);
    assert.equal(trees.ready, true);
    const [near, far] = [Float64Array.of(0, 0), Float64Array.of(1.4, -1.4)];
    assert.ok(trees.score(near) < 0.4, `${trees.score(near)}`);
    assert.ok(trees.score(far) > 0.6, `${trees.score(far)}`);
    assert.ok(trees.score(Float64Array.of(Number.NaN, 0)) > trees.score(near));
    const before = trees.score(far);
    for (let row = 0; row < 249; row += 1) trees.update(far);
    assert.equal(trees.score(far), before, 'the present window already counts');
    trees.update(far);
    assert.ok(trees.score(far) < 0.1 && trees.score(near) > 0.6);
  });

  it('count each row once on each level, whatever it holds', () => {
    const cell = fc.oneof(fc.double(), fc.constantFrom(Infinity, -Infinity, Number.NaN));
    const rows = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 40, size: 'max' });
    fc.assert(
      fc.property(rows, fc.nat(), (cells, seed) => {
        const trees = new HalfSpaceTrees({ ...options, seed, trees: 3, depth: 4, window: 50 });
        for (const row of cells) trees.update(Float64Array.from(row));
        const { latest, seen } = trees.state;
        assert.equal(seen, cells.length);
        for (const [begin, level] of [0, 31, 62].flatMap((tree) =>
          [0, 1, 2, 3, 4].map((depth) => [tree, depth] as const),
        )) {
          const first = begin + 2 ** level - 1;
          const counts = latest.slice(first, first + 2 ** level);
          assert.equal(
            counts.reduce((sum, count) => sum + count, 0),
            cells.length,
          );
        }
      }),
      { numRuns: 50 },
    );
  });

  it('go on from what they had learned', () => {
    const data = crowd(400, 5);
    const whole = new HalfSpaceTrees(options);
    for (let row = 0; row < 400; row += 1) whole.update(data, row * 2);
    let parted = new HalfSpaceTrees(options);
    for (let row = 0; row < 400; row += 1) {
      if (row % 90 === 0) parted = new HalfSpaceTrees(options, parted.state);
      parted.update(data, row * 2);
    }
    assert.deepEqual(parted.state, whole.state);
  });
});
