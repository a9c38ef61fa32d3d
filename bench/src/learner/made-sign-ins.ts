// Made rows of the shape the relation model has: log ratios, flags of what is new, counts and gaps,
// some cells not known, and labels that hang on several of them together.

import type { Matrix } from '@countersign/learner';

export const COLUMNS = 20;
const FLAGS = 7;
const RATIOS = 7;

/** By column: how its answer may go; ratios and flags rise. */
export const MONOTONE = Array.from({ length: COLUMNS }, (_, column) =>
  column < RATIOS + FLAGS ? (1 as const) : (0 as const),
);

export function madeSignIns(rows: number, seed: number): { x: Matrix; y: Uint8Array } {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const data = new Float64Array(rows * COLUMNS);
  const y = new Uint8Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const at = row * COLUMNS;
    // One in five is an attack: most of what it shows is off, and some of it fits.
    const attack = next() < 0.2;
    y[row] = Number(attack);
    for (let column = 0; column < RATIOS; column += 1) {
      const off = next() < (attack ? 0.45 : 0.12);
      data[at + column] = next() < 0.01 ? Number.NaN : Math.log(next() + 1e-6) + (off ? 6 : 0);
      data[at + RATIOS + column] = Number(off && next() < 0.8);
    }
    for (let column = RATIOS + FLAGS; column < COLUMNS; column += 1)
      data[at + column] = Math.floor(10 * Math.log1p(40 * next() * next())) / 10;
  }
  return { x: { rows, columns: COLUMNS, data }, y };
}
