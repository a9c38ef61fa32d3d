// The fast training against the literal one, and what it promises whatever the data: the same trees
// for the same seed, answers that never fall where a column rises, reasons that add up.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type ReferenceNode,
  referencePredict,
  referenceTrainBooster,
} from '../reference/reference-booster.ts';
import { type MadeRows, madeRows } from '../testing/make-rows.ts';
import { MISSING, type Tree } from '../trees/tree.ts';
import type { BoosterOptions } from './booster-options.ts';
import { trainBooster } from './train-booster.ts';

type Signs = readonly (-1 | 0 | 1)[];

const settings = (columns: number): fc.Arbitrary<BoosterOptions> =>
  fc.record({
    trees: fc.integer({ min: 1, max: 5 }),
    leaves: fc.integer({ min: 2, max: 6 }),
    learningRate: fc.constantFrom(0.08, 0.5, 1),
    minLeafRows: fc.integer({ min: 1, max: 6 }),
    l2: fc.constantFrom(0, 0.5, 10),
    bins: fc.constantFrom(2, 3, 5, 255),
    monotone: fc.array(fc.constantFrom(-1, 0, 1), { minLength: columns, maxLength: columns }),
    rowShare: fc.constantFrom(1, 0.7),
    columnShare: fc.constantFrom(1, 0.6),
    seed: fc.nat(),
  }) as fc.Arbitrary<BoosterOptions>;

const trainings = (limits: { rows: number; columns: number }) =>
  madeRows(limits).chain((made) =>
    settings(made.x.columns).map((options) => ({
      made,
      options: { ...options, ...(made.weights ? { weights: made.weights } : {}) },
    })),
  );

const rowsOf = ({ x }: MadeRows): Float64Array[] =>
  Array.from({ length: x.rows }, (_, row) => x.data.slice(row * x.columns, (row + 1) * x.columns));

/** A tree in preorder as the reference has it. */
function nested(tree: Tree): ReferenceNode {
  let [node, inner, leaf] = [0, 0, 0];
  const read = (): ReferenceNode => {
    const column = tree.feature[node++] as number;
    if (column < 0) {
      const value = tree.value[leaf] as number;
      return { rows: tree.rows[leaf++] as number, value };
    }
    const threshold = tree.threshold[inner] as number;
    const missingLeft = tree.missing[inner++] === MISSING.goesLeft;
    const left = read();
    return { column, threshold, missingLeft, left, right: read() };
  };
  return read();
}

describe('a booster', () => {
  it('has the trees of the literal reference, split for split and digit for digit', () => {
    let splits = 0;
    fc.assert(
      fc.property(trainings({ rows: 40, columns: 6 }), ({ made, options }) => {
        const fast = trainBooster(made.x, made.y, options);
        const slow = referenceTrainBooster(made.x, made.y, options);
        assert.equal(fast.base, slow.base);
        assert.deepEqual(fast.trees.map(nested), slow.trees);
        for (const row of rowsOf(made))
          assert.ok(Math.abs(fast.predict(row) - referencePredict(slow, [...row])) <= 1e-9);
        splits += fast.trees.reduce((sum, tree) => sum + tree.threshold.length, 0);
      }),
      { numRuns: 150 },
    );
    assert.ok(splits > 300, `only ${splits} splits were compared`);
  });

  it('never falls where a monotone column rises, whatever else a row holds', () => {
    const cases = trainings({ rows: 60, columns: 6 }).chain(({ made, options }) =>
      fc.record({
        made: fc.constant(made),
        options: fc.constant(options),
        pairs: fc.array(
          fc.tuple(fc.nat(), fc.nat(), fc.double({ noNaN: true }), fc.double({ noNaN: true })),
          { minLength: 10, maxLength: 10 },
        ),
      }),
    );
    fc.assert(
      fc.property(cases, ({ made, options, pairs }) => {
        const booster = trainBooster(made.x, made.y, { ...options, trees: 8 });
        const rows = rowsOf(made);
        for (const [from, at, ...ends] of pairs) {
          const column = at % made.x.columns;
          const sign = (options.monotone as Signs)[column] as number;
          // Far values, and those that training knew.
          const known = rows
            .map((row) => row[column] as number)
            .filter((cell) => !Number.isNaN(cell));
          const cells = [...ends, ...known].sort((a, b) => a - b);
          const row = (rows[from % rows.length] as Float64Array).slice();
          let before = sign * Number.NEGATIVE_INFINITY;
          for (const cell of cells) {
            row[column] = cell;
            const now = booster.predict(row);
            if (sign !== 0) assert.ok(sign * now >= sign * before, `${before} before ${now}`);
            before = now;
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('gives each column its part, and the parts add up to the log-odds', () => {
    fc.assert(
      fc.property(trainings({ rows: 60, columns: 6 }), ({ made, options }) => {
        const booster = trainBooster(made.x, made.y, options);
        const out = new Float64Array(made.x.columns + 1);
        for (const row of rowsOf(made)) {
          const logOdds = booster.contribute(row, out);
          assert.equal(logOdds, booster.predict(row));
          assert.ok(Math.abs(out.reduce((sum, part) => sum + part, 0) - logOdds) <= 1e-9);
        }
        // Weighed by the rows of training, what columns add is nothing: the bias is the mean.
        if (options.rowShare !== 1) return;
        const mean = (of: (row: Float64Array) => number): number =>
          rowsOf(made).reduce((sum, row) => sum + of(row), 0) / made.x.rows;
        booster.contribute(rowsOf(made)[0] as Float64Array, out);
        assert.ok(Math.abs(mean((row) => booster.predict(row)) - (out.at(-1) as number)) <= 1e-9);
      }),
      { numRuns: 100 },
    );
  });

  it('learns what is there to learn, and stops when held-out rows say so', () => {
    const made = (seed: number) => {
      const rows = 2000;
      const data = new Float64Array(rows * 3);
      const y = new Uint8Array(rows);
      let state = seed;
      const next = () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state / 2 ** 32;
      };
      for (let row = 0; row < rows; row += 1) {
        for (let column = 0; column < 3; column += 1) data[row * 3 + column] = next();
        const chance =
          (data[row * 3] as number) > 0.5 !== (data[row * 3 + 1] as number) > 0.5 ? 0.9 : 0.1;
        y[row] = Number(next() < chance);
      }
      return { x: { rows, columns: 3, data }, y };
    };
    const [train, test] = [made(1), made(2)];
    const losses: number[] = [];
    const booster = trainBooster(train.x, train.y, {
      ...{ trees: 300, leaves: 8, minLeafRows: 10, learningRate: 0.2, seed: 1 },
      validation: { ...test, stopAfter: 15 },
      onProgress: ({ validationLoss }) => losses.push(validationLoss as number),
    });
    // The noise alone leaves a loss of 0.325; guessing has 0.693.
    assert.ok(Math.min(...losses) < 0.36, `${Math.min(...losses)}`);
    assert.ok(losses.length < 300, 'it went on to the end');
    assert.equal(booster.trees.length, losses.indexOf(Math.min(...losses)) + 1);
    const loss = test.y.reduce((sum, label, row) => {
      const margin = booster.predict(test.x.data, row * 3) * (label === 1 ? 1 : -1);
      return sum + Math.log1p(Math.exp(-margin)) / test.y.length;
    }, 0);
    assert.ok(Math.abs(loss - Math.min(...losses)) < 1e-12, 'the loss told is not the loss it has');
  });

  it('sends what training never saw missing to the higher answer', () => {
    const data = Float64Array.from({ length: 200 }, (_, row) => row);
    const x = { rows: 200, columns: 1, data };
    const rising = trainBooster(
      x,
      Uint8Array.from(data, (cell) => Number(cell > 99)),
      { seed: 1, trees: 3, minLeafRows: 10 },
    );
    const falling = trainBooster(
      x,
      Uint8Array.from(data, (cell) => Number(cell < 100)),
      { seed: 1, trees: 3, minLeafRows: 10 },
    );
    for (const booster of [rising, falling]) {
      const answers = [0, 50, 99, 150, 199].map((cell) => booster.predict(Float64Array.of(cell)));
      assert.equal(booster.predict(Float64Array.of(Number.NaN)), Math.max(...answers));
    }
  });

  it('refuses what it cannot follow', () => {
    const x = { rows: 2, columns: 1, data: Float64Array.of(1, 2) };
    const y = Uint8Array.of(0, 1);
    const refuses = (code: string, run: () => unknown) =>
      assert.throws(run, { name: 'CodedError', code });
    refuses('data_invalid', () => trainBooster({ ...x, rows: 3 }, y, { seed: 1 }));
    refuses('data_invalid', () => trainBooster(x, Uint8Array.of(0, 2), { seed: 1 }));
    refuses('data_invalid', () => trainBooster(x, y, { seed: 1, weights: Float64Array.of(0, 0) }));
    refuses('data_invalid', () =>
      trainBooster({ ...x, data: Float64Array.of(1, Infinity) }, y, { seed: 1 }),
    );
    refuses('options_invalid', () => trainBooster(x, y, { seed: 1, bins: 256 }));
    refuses('options_invalid', () => trainBooster(x, y, { seed: 1, monotone: [1, 1] }));
    refuses('options_invalid', () => trainBooster(x, y, { seed: 0.5 }));
  });
});
