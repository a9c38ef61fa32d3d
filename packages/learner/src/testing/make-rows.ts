// Rows for tests: what random data has that breaks learners. Few values and many, ties, columns that
// never change, cells that are not known, and labels that hang on the cells or do not.

import fc from 'fast-check';
import type { Matrix } from '../matrix.ts';

export interface MadeRows {
  x: Matrix;
  y: Uint8Array;
  weights: Float64Array | undefined;
}

const CELLS = [
  fc.integer({ min: -2, max: 2 }),
  fc.double({ min: -10, max: 10, noNaN: true }),
  fc.constant(7),
  fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 0, max: 9 }) }, fc.constant(Number.NaN)),
  fc.double({ noDefaultInfinity: true }),
] as const;

export function madeRows(limits: { rows: number; columns: number }): fc.Arbitrary<MadeRows> {
  return fc
    .array(fc.integer({ min: 0, max: CELLS.length - 1 }), {
      minLength: 1,
      maxLength: limits.columns,
    })
    .chain((kinds) => {
      const cells = fc.tuple(...kinds.map((kind) => CELLS[kind] as fc.Arbitrary<number>));
      const row = fc.record({ cells, noise: fc.boolean(), luck: fc.nat(3), weight: fc.nat(20) });
      return fc.record({
        rows: fc.array(row, { minLength: 2, maxLength: limits.rows, size: 'max' }),
        weighted: fc.boolean(),
      });
    })
    .map(({ rows, weighted }) => {
      const columns = (rows[0] as { cells: number[] }).cells.length;
      return {
        x: {
          rows: rows.length,
          columns,
          data: Float64Array.from(rows.flatMap(({ cells }) => cells)),
        },
        y: Uint8Array.from(rows, ({ cells, noise, luck }) =>
          Number(luck === 0 ? noise : (cells[0] as number) + (cells[1] ?? 0) > 1),
        ),
        // One of them counts, so that there is something to learn from.
        weights: weighted
          ? Float64Array.from(rows, ({ weight }, row) => (row === 0 ? 1 : weight / 4))
          : undefined,
      };
    });
}
