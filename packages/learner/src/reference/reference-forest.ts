// The score of an isolation forest, literally: a row is followed through each tree by recursion, and
// the rows of the leaf it ends in add what equation 1 of Liu, Ting, Zhou (2008) says, summed up anew.

import type { IsolationForest, IsolationTree } from '../forest/isolation-forest.ts';

export function referenceForestScore(forest: IsolationForest, cells: readonly number[]): number {
  const lengths = forest.trees.map((tree) => pathLength(tree, cells));
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  return 2 ** (-mean / expected(forest.sample));
}

function pathLength(tree: IsolationTree, cells: readonly number[]): number {
  const features = [...tree.feature];
  const thresholds = [...tree.threshold];
  const rules = [...tree.missing];
  const rows = [...tree.rows];
  /** Reads one subtree off the fronts of the lists: the length of the path, if it leads through it. */
  const read = (depth: number, isOnPath: boolean): number | undefined => {
    const feature = features.shift() as number;
    if (feature < 0) {
      const count = rows.shift() as number;
      return isOnPath ? depth + expected(count) : undefined;
    }
    const cell = cells[feature] as number;
    const threshold = thresholds.shift() as number;
    const rule = rules.shift();
    const goesLeft = Number.isNaN(cell) ? rule === 1 : cell <= threshold;
    const left = read(depth + 1, isOnPath && goesLeft);
    const right = read(depth + 1, isOnPath && !goesLeft);
    return left ?? right;
  };
  return read(0, true) as number;
}

/** Mean length of a path that finds nothing in a tree of so many rows. */
function expected(rows: number): number {
  if (rows <= 1) return 0;
  let harmonic = 0;
  for (let count = 1; count <= rows - 1; count += 1) harmonic += 1 / count;
  return 2 * harmonic - (2 * (rows - 1)) / rows;
}
