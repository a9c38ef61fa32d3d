// Half-space trees that learn a realm's acts as they come: the novelty head of whoever has no model.
// Always the same cuts, so that what was learned fits in seven kilobytes and comes back as it was.

import { HalfSpaceTrees } from '@countersign/learner';
import type { NumbersIn } from '../score/numbers-in.ts';
import type { NumbersOut } from '../score/numbers-out.ts';
import { MOST_BURST, MOST_RARE, NOVELTY_FEATURES } from './novelty-row.ts';

const TREES = 25;
const DEPTH = 6;
/** Fits one byte a node. */
const WINDOW = 250;
const NODES = TREES * (2 ** (DEPTH + 1) - 1);
const OPTIONS = {
  features: NOVELTY_FEATURES,
  low: NOVELTY_FEATURES.map(() => 0),
  high: NOVELTY_FEATURES.map((name) => {
    if (name.startsWith('rare_')) return MOST_RARE;
    return name.startsWith('new_') ? 1 : MOST_BURST;
  }),
  trees: TREES,
  depth: DEPTH,
  window: WINDOW,
  seed: 6,
};
/** No row in any node. */
const MOST_RAW = 12;

export class OnlineOddness {
  #trees = new HalfSpaceTrees(OPTIONS);

  get ready(): boolean {
    return this.#trees.ready;
  }

  /** Higher is odder: how much thinner than evenly spread acts lay where this one lies, in nats. */
  raw(row: Float64Array): number {
    const score = this.#trees.score(row);
    return Math.min(Math.log(score / (1 - score)), MOST_RAW);
  }

  update(row: Float64Array): void {
    this.#trees.update(row);
  }

  encode(out: NumbersOut): void {
    const { reference, latest, seen, windows } = this.#trees.state;
    out.u32(windows).u8(seen);
    if (windows > 0) out.raw(Uint8Array.from(reference));
    if (seen > 0) out.raw(Uint8Array.from(latest));
  }

  static decode(numbers: NumbersIn): OnlineOddness {
    const windows = numbers.u32('windows');
    const seen = numbers.u8('seen', WINDOW - 1);
    const nodes = (there: boolean) => {
      if (!there) return new Array<number>(NODES).fill(0);
      const counts = [...numbers.raw('nodes', NODES)];
      if (counts.some((count) => count > WINDOW)) throw numbers.refuse('nodes');
      return counts;
    };
    const online = new OnlineOddness();
    const [reference, latest] = [nodes(windows > 0), nodes(seen > 0)];
    online.#trees = new HalfSpaceTrees(OPTIONS, { reference, latest, seen, windows });
    return online;
  }
}
