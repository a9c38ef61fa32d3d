// Half-space trees: oddness in a stream, learned as it flows (Tan, Ting, Liu 2011). The cuts are drawn
// before any row is seen and stay; what is learned is how many rows of a window came through each
// node. A row is scored against the last full window, while the present one is counted.

import { demand } from '../booster/read-options.ts';
import { learnerRefusal } from '../learner-error.ts';
import { MOST_COLUMNS } from '../matrix.ts';
import { drawHalfSpaces, type HalfSpaces } from './draw-half-spaces.ts';

export interface HalfSpaceOptions {
  /** Names of the columns. */
  features: readonly string[];
  /** By column: the range in which most cells lie. */
  low: readonly number[];
  high: readonly number[];
  /** Default 25. */
  trees?: number;
  /** Default 8. */
  depth?: number;
  /** Rows of a window; default 250. */
  window?: number;
  seed: number;
}

/** What was learned so far; the cuts follow from the options. */
export interface HalfSpaceState {
  /** By tree and node: rows of the last full window, and of the present one. */
  readonly reference: readonly number[];
  readonly latest: readonly number[];
  /** Rows of the present window. */
  readonly seen: number;
  /** Full windows so far. */
  readonly windows: number;
}

/** A node with at most this share of a window is the last that is looked at. */
const SIZE_LIMIT = 0.1;
const MOST_TREES = 256;
const MOST_DEPTH = 12;
const MOST_WINDOW = 1_000_000;

export class HalfSpaceTrees {
  readonly kind = 'half-space-trees';
  readonly features: readonly string[];
  readonly options: Required<HalfSpaceOptions>;
  readonly #spaces: HalfSpaces;
  /** Nodes of one tree; the children of node n are 2n + 1 and 2n + 2. */
  readonly #nodes: number;
  #reference: Uint32Array;
  #latest: Uint32Array;
  #seen = 0;
  #windows = 0;

  /** @throws CodedError `options_invalid`, or `model_malformed` when the state does not fit */
  constructor(options: HalfSpaceOptions, state?: HalfSpaceState) {
    this.options = checked(options);
    this.features = options.features;
    const { trees, depth } = this.options;
    this.#nodes = 2 ** (depth + 1) - 1;
    // Before anything is made room for: a short file must not take much memory.
    if (state !== undefined) this.#check(state, trees * this.#nodes);
    this.#spaces = drawHalfSpaces(this.options);
    this.#reference = new Uint32Array(trees * this.#nodes);
    this.#latest = new Uint32Array(trees * this.#nodes);
    if (state !== undefined) this.#take(state);
  }

  /** False until the first window is full: there is nothing yet to hold a row against. */
  get ready(): boolean {
    return this.#windows > 0;
  }

  get state(): HalfSpaceState {
    return {
      ...{ reference: [...this.#reference], latest: [...this.#latest] },
      ...{ seen: this.#seen, windows: this.#windows },
    };
  }

  /**
   * Oddness of the row at `offset`, in (0, 1]: 0.5 where the window was as dense as if its rows lay
   * evenly, 1 where it had none. 0.5 while not ready. Changes nothing.
   */
  score(row: Float64Array, offset = 0): number {
    if (this.#windows === 0) return 0.5;
    const { trees, depth, window } = this.options;
    const { columns, thresholds } = this.#spaces;
    const enough = SIZE_LIMIT * window;
    let mass = 0;
    for (let tree = 0; tree < trees; tree += 1) {
      const begin = tree * this.#nodes;
      const cuts = tree * (2 ** depth - 1);
      let node = 0;
      let level = 0;
      while (level < depth && (this.#reference[begin + node] as number) > enough) {
        const cell = row[offset + (columns[cuts + node] as number)] as number;
        node = this.#childOf(begin, node, cell, thresholds[cuts + node] as number);
        level += 1;
      }
      mass += (this.#reference[begin + node] as number) * 2 ** level;
    }
    return 1 / (1 + mass / (trees * window));
  }

  /** Counts the row; a full window takes the place of the last one. */
  update(row: Float64Array, offset = 0): void {
    const { trees, depth, window } = this.options;
    const { columns, thresholds } = this.#spaces;
    const latest = this.#latest;
    for (let tree = 0; tree < trees; tree += 1) {
      const begin = tree * this.#nodes;
      const cuts = tree * (2 ** depth - 1);
      let node = 0;
      latest[begin] = (latest[begin] as number) + 1;
      for (let level = 0; level < depth; level += 1) {
        const cell = row[offset + (columns[cuts + node] as number)] as number;
        node = this.#childOf(begin, node, cell, thresholds[cuts + node] as number);
        latest[begin + node] = (latest[begin + node] as number) + 1;
      }
    }
    this.#seen += 1;
    if (this.#seen < window) return;
    [this.#reference, this.#latest] = [this.#latest, this.#reference];
    this.#latest.fill(0);
    this.#seen = 0;
    this.#windows += 1;
  }

  /** What is not known goes where fewer rows were: it never looks more usual than it is. */
  #childOf(begin: number, node: number, cell: number, threshold: number): number {
    const left = 2 * node + 1;
    if (cell <= threshold) return left;
    if (cell > threshold) return left + 1;
    const reference = this.#reference;
    const fewer = (reference[begin + left] as number) <= (reference[begin + left + 1] as number);
    return fewer ? left : left + 1;
  }

  #check({ reference, latest, seen, windows }: HalfSpaceState, length: number): void {
    const { window } = this.options;
    const counts = (list: readonly number[]): boolean =>
      list.length === length &&
      list.every((count) => Number.isInteger(count) && count >= 0 && count <= window);
    const whole = Number.isInteger(seen) && Number.isSafeInteger(windows);
    const inside = seen >= 0 && seen < window && windows >= 0;
    if (!counts(reference) || !counts(latest) || !whole || !inside)
      throw learnerRefusal('model_malformed', 'What half-space trees have learned does not fit.');
  }

  #take({ reference, latest, seen, windows }: HalfSpaceState): void {
    this.#reference.set(reference);
    this.#latest.set(latest);
    this.#seen = seen;
    this.#windows = windows;
  }
}

function checked(options: HalfSpaceOptions): Required<HalfSpaceOptions> {
  const plan = { trees: 25, depth: 8, window: 250, ...options };
  const { features, low, high, trees, depth, window, seed } = plan;
  const columns = features.length;
  const between = (value: number, most: number): boolean =>
    Number.isInteger(value) && value >= 1 && value <= most;
  demand(between(columns, MOST_COLUMNS), 'features');
  demand(low.length === columns && low.every((edge) => Math.abs(edge) <= 1e150), 'low');
  demand(high.length === columns && high.every((edge) => Math.abs(edge) <= 1e150), 'high');
  demand(
    low.every((edge, column) => edge <= (high[column] as number)),
    'low',
  );
  demand(between(trees, MOST_TREES), 'trees');
  demand(between(depth, MOST_DEPTH), 'depth');
  demand(between(window, MOST_WINDOW), 'window');
  demand(Number.isSafeInteger(seed), 'seed');
  return plan;
}
