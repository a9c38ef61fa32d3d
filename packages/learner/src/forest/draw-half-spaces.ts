// The cuts of half-space trees: in each tree every column has a work range a little off its own, and
// each node halves what is left of that of a random column (Tan, Ting, Liu 2011, algorithm 1).

import { seededNumbers } from '../seeded-numbers.ts';
import type { HalfSpaceOptions } from './half-space-trees.ts';

/** By tree and inner node, the children of node n being 2n + 1 and 2n + 2. */
export interface HalfSpaces {
  readonly columns: Uint16Array;
  /** A cell goes left when it is at most this. */
  readonly thresholds: Float64Array;
}

export function drawHalfSpaces(options: Required<HalfSpaceOptions>): HalfSpaces {
  const { trees, depth, low, high, seed } = options;
  const next = seededNumbers(seed);
  const inner = 2 ** depth - 1;
  const columns = new Uint16Array(trees * inner);
  const thresholds = new Float64Array(trees * inner);
  for (let tree = 0; tree < trees; tree += 1) {
    const ranges = low.map((edge, column) => workRange(next(), edge, high[column] as number));
    const cut = (node: number, left: number[], right: number[]): void => {
      if (node >= inner) return;
      const column = Math.floor(next() * low.length);
      const middle = ((left[column] as number) + (right[column] as number)) / 2;
      columns[tree * inner + node] = column;
      thresholds[tree * inner + node] = middle;
      cut(2 * node + 1, left, right.with(column, middle));
      cut(2 * node + 2, left.with(column, middle), right);
    };
    const [lefts, rights] = [ranges.map(([left]) => left), ranges.map(([, right]) => right)];
    cut(0, lefts, rights);
  }
  return { columns, thresholds };
}

/** Around a random point of the range, so wide that it covers all of it. */
function workRange(share: number, low: number, high: number): [number, number] {
  const reach = 2 * Math.max(share, 1 - share);
  const width = high - low;
  return [low + (share - reach) * width, low + (share + reach) * width];
}
