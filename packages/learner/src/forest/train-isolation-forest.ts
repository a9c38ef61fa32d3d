// Grows an isolation forest: each tree from a few rows, cut at a random place of a random column until
// every row is alone or the tree as deep as it is wide (Liu, Ting, Zhou 2008).

import { demand, nameColumns } from '../booster/read-options.ts';
import { learnerRefusal } from '../learner-error.ts';
import { checkMatrix, type Matrix } from '../matrix.ts';
import { drawRising, seededNumbers } from '../seeded-numbers.ts';
import { MISSING, type MissingRule } from '../trees/tree.ts';
import {
  IsolationForest,
  type IsolationTree,
  MOST_FOREST_TREES,
  MOST_SAMPLE,
} from './isolation-forest.ts';

export interface IsolationForestOptions {
  /** Default 100. */
  trees?: number;
  /** Rows each tree is grown from, or all there are; default 256. */
  sample?: number;
  seed: number;
  /** Names of the columns; default f0, f1, … */
  features?: readonly string[];
}

/** @throws CodedError `options_invalid` `data_invalid` */
export function trainIsolationForest(x: Matrix, options: IsolationForestOptions): IsolationForest {
  checkMatrix(x);
  const { trees = 100, seed, features = nameColumns(x.columns) } = options;
  const sample = Math.min(options.sample ?? 256, x.rows);
  demand(Number.isInteger(trees) && trees >= 1 && trees <= MOST_FOREST_TREES, 'trees');
  demand(Number.isInteger(sample) && sample >= 2 && sample <= MOST_SAMPLE, 'sample');
  demand(Number.isSafeInteger(seed), 'seed');
  demand(features.length === x.columns, 'features');
  for (const cell of x.data)
    if (Math.abs(cell) === Number.POSITIVE_INFINITY)
      throw learnerRefusal('data_invalid', 'A cell is a finite number, or NaN for not known.');
  const next = seededNumbers(seed);
  const grower = new IsolationGrower(x, next, Math.ceil(Math.log2(sample)));
  const grown = Array.from({ length: trees }, () =>
    grower.grow([...drawRising(next, sample, x.rows)]),
  );
  return new IsolationForest(features, sample, grown);
}

interface Cut {
  column: number;
  threshold: number;
  missing: MissingRule;
  left: number[];
  right: number[];
}

class IsolationGrower {
  readonly #x: Matrix;
  readonly #next: () => number;
  readonly #deepest: number;

  constructor(x: Matrix, next: () => number, deepest: number) {
    this.#x = x;
    this.#next = next;
    this.#deepest = deepest;
  }

  grow(sample: number[]): IsolationTree {
    const feature: number[] = [];
    const threshold: number[] = [];
    const missing: MissingRule[] = [];
    const rows: number[] = [];
    const visit = (here: number[], depth: number): void => {
      const cut = depth < this.#deepest ? this.#cut(here) : undefined;
      feature.push(cut?.column ?? -1);
      if (cut === undefined) {
        rows.push(here.length);
        return;
      }
      threshold.push(cut.threshold);
      missing.push(cut.missing);
      visit(cut.left, depth + 1);
      visit(cut.right, depth + 1);
    };
    visit(sample, 0);
    return { feature, threshold, missing, rows };
  }

  /** A random place of a random column, of those in which these rows differ. */
  #cut(rows: readonly number[]): Cut | undefined {
    if (rows.length < 2) return undefined;
    const ranges: { column: number; low: number; high: number }[] = [];
    for (let column = 0; column < this.#x.columns; column += 1) {
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (const row of rows) {
        const cell = this.#cell(row, column);
        if (cell < low) low = cell;
        if (cell > high) high = cell;
      }
      if (low < high) ranges.push({ column, low, high });
    }
    const range = ranges[Math.floor(this.#next() * ranges.length)];
    if (range === undefined) return undefined;
    const { column, low, high } = range;
    const share = this.#next();
    const place = low * (1 - share) + high * share;
    // Six digits are enough for a random place, and a file is half as long; both sides have rows.
    const short = Number(place.toPrecision(6));
    const inside = (at: number): boolean => at >= low && at < high;
    return this.#part(rows, column, inside(short) ? short : inside(place) ? place : low);
  }

  /** What is not known goes where fewer rows are: it never looks more usual than it is. */
  #part(rows: readonly number[], column: number, threshold: number): Cut {
    const left = rows.filter((row) => this.#cell(row, column) <= threshold);
    const right = rows.filter((row) => this.#cell(row, column) > threshold);
    const missing = left.length <= right.length ? MISSING.goesLeft : MISSING.goesRight;
    const unknown = rows.filter((row) => Number.isNaN(this.#cell(row, column)));
    (missing === MISSING.goesLeft ? left : right).push(...unknown);
    return { column, threshold, missing, left, right };
  }

  #cell(row: number, column: number): number {
    return this.#x.data[row * this.#x.columns + column] as number;
  }
}
