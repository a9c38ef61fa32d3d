// Boosting written down literally: plain objects, every sum taken anew over the rows themselves, no
// bins, no histograms, nothing remembered. Hours on real data; the property test holds the fast one
// to it split for split. Nothing is imported but the draws of a seed, and nobody trains with it.

import type { BoosterOptions } from '../booster/booster-options.ts';
import type { Matrix } from '../matrix.ts';
import { seededNumbers } from '../seeded-numbers.ts';
import { referenceBounds } from './reference-bounds.ts';

export type ReferenceNode =
  | { rows: number; value: number }
  | {
      column: number;
      threshold: number;
      missingLeft: boolean;
      left: ReferenceNode;
      right: ReferenceNode;
    };

export interface ReferenceBooster {
  base: number;
  trees: ReferenceNode[];
}

interface Row {
  cells: number[];
  label: number;
  weight: number;
  score: number;
  /** Derivatives of the loss: whole multiples of the grain. */
  slope: number;
  curve: number;
}

type Settings = Required<
  Omit<BoosterOptions, 'features' | 'weights' | 'validation' | 'onProgress'>
> & { ends: number[][] };

interface GrowingLeaf {
  rows: Row[];
  low: number;
  high: number;
  /** Puts something in the place of this leaf. */
  replace: (node: ReferenceNode) => void;
}

interface Cut {
  /** By how much both sides together fit better than nothing does. */
  fit: number;
  /** By how much better than the leaf as it is. */
  gain: number;
  column: number;
  threshold: number;
  missingLeft: boolean;
  left: Row[];
  right: Row[];
}

export function referenceTrainBooster(
  x: Matrix,
  y: Float64Array | Uint8Array,
  options: BoosterOptions,
): ReferenceBooster {
  const settings = withDefaults(x, options);
  const rows = Array.from({ length: x.rows }, (_, row) => ({
    ...{ cells: [...x.data.slice(row * x.columns, (row + 1) * x.columns)] },
    ...{ label: y[row] as number, weight: options.weights?.[row] ?? 1 },
    ...{ score: 0, slope: 0, curve: 0 },
  }));
  const total = (of: (row: Row) => number): number => rows.reduce((sum, row) => sum + of(row), 0);
  const share = total((row) => row.weight * row.label) / total((row) => row.weight);
  const chance = Math.min(Math.max(share, 1e-9), 1 - 1e-9);
  const base = Math.log(chance / (1 - chance));
  for (const row of rows) row.score = base;
  const grain = grainOf(rows);
  const next = seededNumbers(options.seed);
  const trees: ReferenceNode[] = [];
  for (let round = 0; round < settings.trees; round += 1) {
    for (const row of rows) {
      const odds = 1 / (1 + Math.exp(-row.score));
      row.slope = Math.round((row.weight * (odds - row.label)) / grain) * grain;
      row.curve = Math.round((row.weight * odds * (1 - odds)) / grain) * grain;
    }
    const bag = settings.rowShare === 1 ? rows : draw(next, rows, settings.rowShare);
    const all = Array.from({ length: x.columns }, (_, column) => column);
    const columns = settings.columnShare === 1 ? all : draw(next, all, settings.columnShare);
    const tree = growTree(bag, columns, settings);
    if (tree === undefined) {
      if (settings.rowShare === 1 && settings.columnShare === 1) break;
      continue;
    }
    trees.push(tree);
    for (const row of rows) row.score += referenceLeaf(tree, row.cells);
  }
  return { base, trees };
}

function withDefaults(x: Matrix, options: BoosterOptions): Settings {
  const bins = options.bins ?? 255;
  const columns = Array.from({ length: x.columns }, (_, column) => column);
  const cellsOf = (column: number): number[] =>
    [...x.data].filter((_, at) => at % x.columns === column);
  return {
    ...{ trees: 200, leaves: 8, learningRate: 0.08, minLeafRows: 100, l2: 10, bins },
    ...{ monotone: columns.map(() => 0 as const), rowShare: 1, columnShare: 1 },
    ...options,
    ends: columns.map((column) => referenceBounds(cellsOf(column), bins)),
  };
}

/** What derivatives are whole multiples of, so that sums of so many rows are exact. */
function grainOf(rows: readonly Row[]): number {
  const heaviest = Math.max(...rows.map(({ weight }) => weight));
  const digits = Math.min(30, 52 - Math.ceil(Math.log2(rows.length)));
  return 2 ** (Math.ceil(Math.log2(heaviest)) - digits);
}

/** So many of them, at random, in their order. */
function draw<Item>(next: () => number, from: readonly Item[], share: number): Item[] {
  const wanted = Math.max(1, Math.round(share * from.length));
  const drawn: Item[] = [];
  from.forEach((item, index) => {
    if (drawn.length === wanted) return;
    if (next() * (from.length - index) < wanted - drawn.length) drawn.push(item);
  });
  return drawn;
}

function growTree(
  rows: Row[],
  columns: readonly number[],
  settings: Settings,
): ReferenceNode | undefined {
  let root: ReferenceNode | undefined;
  const leaves: GrowingLeaf[] = [
    {
      ...{ rows, low: -20, high: 20 },
      replace: (node) => {
        root = node;
      },
    },
  ];
  while (leaves.length < settings.leaves) {
    let best: { leaf: number; cut: Cut } | undefined;
    leaves.forEach((candidate, leaf) => {
      const cut = bestCut(candidate, columns, settings);
      if (cut !== undefined && (best === undefined || cut.gain > best.cut.gain))
        best = { leaf, cut };
    });
    if (best === undefined) break;
    splitLeaf(leaves, best.leaf, best.cut, settings);
  }
  if (leaves.length === 1) return undefined;
  for (const leaf of leaves)
    leaf.replace({
      rows: leaf.rows.length,
      value: settings.learningRate * answerOf(leaf.rows, leaf, settings),
    });
  return root;
}

function splitLeaf(leaves: GrowingLeaf[], at: number, cut: Cut, settings: Settings): void {
  const leaf = leaves[at] as GrowingLeaf;
  const nothing: ReferenceNode = { rows: 0, value: 0 };
  const answers = [answerOf(cut.left, leaf, settings), answerOf(cut.right, leaf, settings)];
  const [answerLeft, answerRight] = answers as [number, number];
  const known = leaf.rows.every(({ cells }) => !Number.isNaN(cells[cut.column] as number));
  const node: Exclude<ReferenceNode, { value: number }> = {
    ...{ column: cut.column, threshold: cut.threshold, left: nothing, right: nothing },
    // Where training saw nothing missing, what is missing goes to the higher answer.
    missingLeft: known ? answerLeft >= answerRight : cut.missingLeft,
  };
  leaf.replace(node);
  const middle = (answerLeft + answerRight) / 2;
  const { low, high } = leaf;
  const direction = settings.monotone[cut.column];
  const [lowLeft, highLeft] =
    direction === 1 ? [low, middle] : direction === -1 ? [middle, high] : [low, high];
  const [lowRight, highRight] =
    direction === 1 ? [middle, high] : direction === -1 ? [low, middle] : [low, high];
  leaves[at] = {
    ...{ rows: cut.left, low: lowLeft, high: highLeft },
    replace: (child) => {
      node.left = child;
    },
  };
  leaves.push({
    ...{ rows: cut.right, low: lowRight, high: highRight },
    replace: (child) => {
      node.right = child;
    },
  });
}

/** Columns from first to last, thresholds from low to high, missing right, then left: first wins. */
function bestCut(
  leaf: GrowingLeaf,
  columns: readonly number[],
  settings: Settings,
): Cut | undefined {
  const whole = gainOf(leaf.rows, answerOf(leaf.rows, leaf, settings), settings) + 1e-9;
  let best: Cut | undefined;
  for (const column of columns) {
    const thresholds = [...(settings.ends[column] as number[]), Number.MAX_VALUE];
    for (const threshold of thresholds) {
      for (const missingLeft of [false, true]) {
        const goesLeft = ({ cells }: Row): boolean => {
          const cell = cells[column] as number;
          return Number.isNaN(cell) ? missingLeft : cell <= threshold;
        };
        const left = leaf.rows.filter(goesLeft);
        const right = leaf.rows.filter((row) => !goesLeft(row));
        if (Math.min(left.length, right.length) < settings.minLeafRows) continue;
        const answerLeft = answerOf(left, leaf, settings);
        const answerRight = answerOf(right, leaf, settings);
        const direction = settings.monotone[column];
        if (direction === 1 && answerRight < answerLeft) continue;
        if (direction === -1 && answerRight > answerLeft) continue;
        const fit = gainOf(left, answerLeft, settings) + gainOf(right, answerRight, settings);
        const gain = fit - whole;
        if (gain > 0 && (best === undefined || fit > best.fit))
          best = { fit, gain, column, threshold, missingLeft, left, right };
      }
    }
  }
  return best;
}

const slopeOf = (rows: readonly Row[]): number => rows.reduce((sum, { slope }) => sum + slope, 0);
const curveOf = (rows: readonly Row[]): number => rows.reduce((sum, { curve }) => sum + curve, 0);

function answerOf(
  rows: readonly Row[],
  { low, high }: { low: number; high: number },
  { l2 }: Settings,
): number {
  const pull = curveOf(rows) + l2;
  return Math.min(Math.max(pull > 0 ? -slopeOf(rows) / pull : 0, low), high);
}

function gainOf(rows: readonly Row[], answer: number, { l2 }: Settings): number {
  return -(2 * slopeOf(rows) * answer + (curveOf(rows) + l2) * answer * answer);
}

function referenceLeaf(node: ReferenceNode, cells: readonly number[]): number {
  if ('value' in node) return node.value;
  const cell = cells[node.column] as number;
  const left = Number.isNaN(cell) ? node.missingLeft : cell <= node.threshold;
  return referenceLeaf(left ? node.left : node.right, cells);
}

export function referencePredict({ base, trees }: ReferenceBooster, cells: number[]): number {
  return trees.reduce((sum, tree) => sum + referenceLeaf(tree, cells), base);
}
