// Logistic regression: the derivatives vanish where it stops, signs hold, and odd cells do no harm.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { madeRows } from '../testing/make-rows.ts';
import { Logistic } from './logistic.ts';
import { trainLogistic } from './train-logistic.ts';

const cases = madeRows({ rows: 60, columns: 4 })
  // Cells of 1e300 are refused: their squares are no numbers.
  .filter(({ x }) => x.data.every((cell) => !(Math.abs(cell) > 1e100)))
  .chain((made) =>
    fc.record({
      made: fc.constant(made),
      l2: fc.constantFrom(0.1, 1, 10),
      signs: fc.array(fc.constantFrom(-1, 0, 1) as fc.Arbitrary<-1 | 0 | 1>, {
        minLength: made.x.columns,
        maxLength: made.x.columns,
      }),
    }),
  );

describe('logistic regression', () => {
  it('stops where no allowed step lowers the loss, with the signs that were asked for', () => {
    fc.assert(
      fc.property(cases, ({ made, l2, signs }) => {
        const { x, y, weights } = made;
        if (new Set(y).size < 2 || weights !== undefined) return;
        const model = trainLogistic(x, y, { l2, signs });
        const { numbers } = model;
        signs.forEach((sign, column) => {
          assert.ok(sign * (numbers.weights[column] as number) >= 0);
        });
        // The slope of the loss, taken anew from what the model says.
        const slope = (column: number): number => {
          let sum = column < x.columns ? l2 * (numbers.weights[column] as number) : 0;
          for (let row = 0; row < x.rows; row += 1) {
            const cell = x.data[row * x.columns + column] as number;
            const [mean, scale] = [numbers.means[column], numbers.scales[column]] as [
              number,
              number,
            ];
            const part = column === x.columns ? 1 : Number.isNaN(cell) ? 0 : (cell - mean) / scale;
            const chance = 1 / (1 + Math.exp(-model.predict(x.data, row * x.columns)));
            sum += part * (chance - (y[row] as number));
          }
          return sum;
        };
        for (let column = 0; column <= x.columns; column += 1) {
          const steep = slope(column);
          const held = signs[column] !== 0 && numbers.weights[column] === 0;
          if (held) assert.ok((signs[column] as number) * steep >= -1e-5, `${steep}`);
          else assert.ok(Math.abs(steep) < 1e-5, `column ${column}: ${steep}`);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('counts a row of weight 2 as two rows', () => {
    const data = Float64Array.of(1, 2, 3, 4, 2);
    const twice = trainLogistic({ rows: 5, columns: 1, data }, Uint8Array.of(0, 1, 0, 1, 1));
    const weighted = trainLogistic(
      { rows: 4, columns: 1, data: data.slice(0, 4) },
      Uint8Array.of(0, 1, 0, 1),
      { weights: Float64Array.of(1, 2, 1, 1) },
    );
    for (const cell of [-3, 0, 2.5, 9])
      assert.ok(
        Math.abs(twice.predict(Float64Array.of(cell)) - weighted.predict(Float64Array.of(cell))) <
          1e-7,
      );
  });

  it('gives each column its part, whatever stands in a row', () => {
    const model = new Logistic(['a', 'b', 'c'], {
      ...{ intercept: -1, weights: [0.5, 0, -2], means: [1, 2, 3], scales: [1, 1e-300, 4] },
    });
    const out = new Float64Array(4);
    const cell = fc.oneof(fc.double(), fc.constantFrom(Infinity, -Infinity, NaN, 1e308));
    fc.assert(
      fc.property(fc.tuple(cell, cell, cell), (cells) => {
        const row = Float64Array.from(cells);
        const logOdds = model.contribute(row, out);
        assert.ok(Number.isFinite(logOdds));
        assert.equal(logOdds, model.predict(row));
        assert.ok(Math.abs(out.reduce((sum, part) => sum + part, 0) - logOdds) <= 1e-9 * 1e6);
      }),
    );
  });

  it('stays finite where the labels can be told apart perfectly and nothing is penalised', () => {
    const x = { rows: 4, columns: 1, data: Float64Array.of(1, 2, 3, 4) };
    const model = trainLogistic(x, Uint8Array.of(0, 0, 1, 1), { l2: 0 });
    assert.ok(model.predict(Float64Array.of(1)) < -5);
    assert.ok(model.predict(Float64Array.of(4)) > 5);
  });
});
