// How often each value was seen in a realm, decayed by half in 180 days: what is common and what is rare.
// Bounded: of an attribute with more values than fit, the lightest are forgotten.

import { ATTRIBUTES, MAX_VALUE } from '../input/attributes.ts';
import { HALF_LIFE_SECONDS, secondsOf } from '../profile/decay.ts';
import { decodeCounts, encodeCounts } from './counts-bytes.ts';
import { ValueWeights } from './value-weights.ts';

export interface RealmCountsOptions {
  /** Values kept per attribute. Default 65,536; at least 64. */
  maxValues?: number;
}

/** What the prior of a realm that is new counts: as much as this many acts of its own. */
const PEER_ACTS = 200;
/** Doublings after which the scale is taken back to 1. */
const MOST_DOUBLINGS = 40;

export class RealmCounts {
  readonly maxValues: number;
  readonly tables: readonly ValueWeights[];
  /** Second at which one act weighs 1 in the tables; 0 before the first. */
  epoch = 0;
  /** Second of the latest act. */
  last = 0;
  /** Acts, in the scale of the tables. */
  total = 0;

  constructor(options: RealmCountsOptions = {}) {
    const asked = Math.floor(options.maxValues ?? 65_536);
    this.maxValues = Math.min(Math.max(Number.isNaN(asked) ? 64 : asked, 64), 2 ** 24);
    this.tables = ATTRIBUTES.map(() => new ValueWeights(this.maxValues));
  }

  /** @throws RiskError `bad_counts`: not bytes that `encode` made. */
  static decode(bytes: Uint8Array): RealmCounts {
    return decodeCounts(bytes, (options) => new RealmCounts(options));
  }

  encode(): Uint8Array {
    return encodeCounts(this);
  }

  /** Decayed number of acts. */
  acts(nowMs: number): number {
    return this.total / this.#growthAt(nowMs);
  }

  /** Decayed number of acts that showed the value. */
  countOf(index: number, value: number, nowMs: number): number {
    return (this.tables[index]?.weightOf(value) ?? 0) / this.#growthAt(nowMs);
  }

  /** How many different values are held of an attribute. */
  distinctOf(index: number): number {
    return this.tables[index]?.size ?? 0;
  }

  /**
   * Share of acts that show the value, in (0, 1): one act is kept for what was never seen. With peers,
   * theirs is the prior, worth 200 acts.
   */
  share(index: number, value: number, peers?: RealmCounts): number {
    const table = this.tables[index];
    if (table === undefined) return 1;
    const one = this.#one();
    if (peers === undefined || peers === this) {
      return (table.weightOf(value) + one) / (table.total + one * (table.size + 2));
    }
    const prior = PEER_ACTS * one;
    return (table.weightOf(value) + prior * peers.share(index, value)) / (table.total + prior);
  }

  /** Folds one act. Times before the latest count as the latest. */
  learn(values: Float64Array, timeMs: number, weight = 1): void {
    if (!(weight > 0)) return;
    const second = Math.max(secondsOf(timeMs), this.last, 1);
    if (this.epoch === 0) this.epoch = second;
    this.last = second;
    const doublings = (second - this.epoch) / HALF_LIFE_SECONDS;
    if (doublings > MOST_DOUBLINGS) this.#rescale(second);
    const amount = Math.min(weight, 1) * this.#one();
    this.total += amount;
    for (let index = 0; index < this.tables.length; index++) {
      const value = values[index]!;
      if (value >= 1 && value <= MAX_VALUE && Number.isInteger(value)) {
        this.tables[index]!.add(value, amount);
      }
    }
  }

  /** What one act of the latest second weighs in the tables. */
  #one(): number {
    return 2 ** ((this.last - this.epoch) / HALF_LIFE_SECONDS);
  }

  #growthAt(nowMs: number): number {
    const second = Math.max(secondsOf(nowMs), this.last);
    return 2 ** ((second - this.epoch) / HALF_LIFE_SECONDS);
  }

  #rescale(second: number): void {
    const factor = 2 ** ((this.epoch - second) / HALF_LIFE_SECONDS);
    for (const table of this.tables) table.scale(factor);
    this.total *= factor;
    this.epoch = second;
  }
}
