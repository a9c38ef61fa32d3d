// How odd the odd acts are: the raw scores of any number of acts in a few kilobytes, exact at the odd end.
// What is kept are some of the scores, each with how many acts were at least that odd. A score is dropped
// only where its neighbours' shares differ by less than 1/32, so one in a thousand is as sharp as one in two.

import type { NumbersIn } from './numbers-in.ts';
import type { NumbersOut } from './numbers-out.ts';

const PENDING = 32;
/** Steps of a share, relative to it. 32 scores are kept singly before any are put together. */
const SHARPNESS = 32;
const MOST_ENTRIES = 1024;
/** Beyond the oddest act ever seen a share is claimed at most this much smaller. */
const MOST_BEYOND = 0.1;
const MOST_ACTS = 2 ** 32 - 1;

export class TailSketch {
  /** Acts in it. */
  count = 0;
  /** Oddest first; no two alike once folded. */
  #scores = new Float32Array(0);
  /** Acts at least as odd as the score beside it. */
  #ranks = new Float64Array(0);
  /** Acts exactly as odd as the score beside it, as far as they are still told apart. */
  #alike = new Float32Array(0);
  #size = 0;
  readonly #pending = new Float32Array(PENDING);
  #waiting = 0;
  /** How fast shares fall beyond the oddest act; 0 when that cannot be told. */
  #fall = 0;

  get entries(): number {
    return this.#size;
  }

  add(raw: number): void {
    const score = Math.fround(raw);
    if (!Number.isFinite(score) || this.count >= MOST_ACTS) return;
    this.#pending[this.#waiting++] = score;
    this.count++;
    if (this.#waiting === PENDING) this.#fold();
  }

  /**
   * Share of acts at least this odd, in (0, 1]. The mid-rank of the act itself among those seen; between
   * two of them on a straight line in its logarithm; beyond the oddest it falls half as fast as the tail
   * did, and never below a tenth. 1 when nothing was seen. Never rises with the score.
   */
  tail(raw: number): number {
    if (this.count === 0) return 1;
    const score = Math.fround(raw);
    let above = 0;
    for (let index = 0; index < this.#waiting; index++) {
      if (this.#pending[index]! >= score) above++;
    }
    const folded = this.count - this.#waiting;
    const least = Math.max(above - 0.5, 0.5);
    const acts = folded > 0 ? this.#rankOf(score) + above : least;
    return Math.min(acts / this.count, 1);
  }

  encode(out: NumbersOut): void {
    out.u32(this.count).u32(this.#size).u8(this.#waiting);
    for (let index = 0; index < this.#size; index++) {
      out.f32(this.#scores[index]!).f64(this.#ranks[index]!).f32(this.#alike[index]!);
    }
    for (let index = 0; index < this.#waiting; index++) out.f32(this.#pending[index]!);
  }

  static decode(numbers: NumbersIn): TailSketch {
    const sketch = new TailSketch();
    sketch.count = numbers.u32('acts');
    const size = numbers.u32('entries', MOST_ENTRIES);
    const waiting = numbers.u8('waiting', PENDING - 1);
    sketch.#scores = new Float32Array(size);
    sketch.#ranks = new Float64Array(size);
    sketch.#alike = new Float32Array(size);
    sketch.#size = size;
    let [score, rank] = [Number.POSITIVE_INFINITY, 0];
    for (let index = 0; index < size; index++) {
      const next = numbers.f32('score', -3.4e38, 3.4e38);
      const acts = numbers.f64('rank', 1, MOST_ACTS);
      const alike = numbers.f32('alike', 1, MOST_ACTS);
      if (!(next < score) || acts - rank < alike * 0.999_999) throw numbers.refuse('order');
      sketch.#alike[index] = alike;
      sketch.#scores[index] = score = next;
      sketch.#ranks[index] = rank = acts;
    }
    if (rank + waiting !== sketch.count) throw numbers.refuse('acts');
    for (let index = 0; index < waiting; index++) {
      sketch.#pending[index] = numbers.f32('score', -3.4e38, 3.4e38);
    }
    sketch.#waiting = waiting;
    sketch.#fall = sketch.#measureFall();
    return sketch;
  }

  /** Acts at least this odd of those folded, less half of one. */
  #rankOf(score: number): number {
    const [scores, ranks] = [this.#scores, this.#ranks];
    if (score > scores[0]!) {
      const beyond = Math.exp(-(score - scores[0]!) * this.#fall);
      // However many are as odd as the oddest: nobody was odder.
      return 0.5 * Math.max(beyond, MOST_BEYOND);
    }
    const at = this.#find(score);
    if (at === this.#size) return ranks[at - 1]!;
    if (at === 0 || scores[at] === score) return ranks[at]! - 0.5;
    return this.#between(at, score, 0.5);
  }

  /** How many of the entries are odder. */
  #find(score: number): number {
    let [low, high] = [0, this.#size];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#scores[middle]! > score) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Acts at least this odd, of a score between two entries: on a straight line in its logarithm. */
  #between(at: number, score: number, half: number): number {
    const before = this.#ranks[at - 1]! - half;
    const after = Math.max(this.#ranks[at]! - this.#alike[at]! + half, before);
    const [above, below] = [this.#scores[at - 1]!, this.#scores[at]!];
    return before * (after / before) ** ((above - score) / (above - below));
  }

  /** Merges what waited, all of PENDING. What was known before stays known: no share of an earlier act moves by it. */
  #fold(): void {
    const fresh = this.#pending.sort();
    const waited = this.#waiting;
    const [scores, ranks, alike] = [merged.scores, merged.ranks, merged.alike];
    const [heldScores, heldRanks] = [this.#scores, this.#ranks];
    const held = this.#size;
    let [old, taken, to] = [0, 0, 0];
    while (old < held || taken < waited) {
      // Sorted with the least first, and taken from the end.
      const next = taken < waited ? fresh[waited - 1 - taken]! : -Infinity;
      const kept = old < held ? heldScores[old]! : -Infinity;
      const score = Math.max(kept, next);
      const isHeld = old < held && kept === score;
      let folded = old === 0 ? 0 : heldRanks[old - 1]!;
      let same = 0;
      if (!isHeld && old > 0 && old < held) folded = this.#between(old, score, 0);
      if (isHeld) {
        folded = heldRanks[old]!;
        same = this.#alike[old++]!;
      }
      for (; taken < waited && fresh[waited - 1 - taken] === score; taken++) same += 1;
      scores[to] = score;
      alike[to] = same;
      ranks[to++] = folded + taken;
    }
    this.#waiting = 0;
    this.#keep(squeeze(to));
    this.#fall = this.#measureFall();
  }

  /** Takes over what was merged; there is room for a few more, so that most times nothing is allocated. */
  #keep(size: number): void {
    if (size > this.#scores.length) {
      const room = Math.min(size + PENDING, MOST_ENTRIES);
      this.#scores = new Float32Array(room);
      this.#ranks = new Float64Array(room);
      this.#alike = new Float32Array(room);
    }
    for (let at = 0; at < size; at++) {
      this.#scores[at] = merged.scores[at]!;
      this.#ranks[at] = merged.ranks[at]!;
      this.#alike[at] = merged.alike[at]!;
    }
    this.#size = size;
  }

  /** From the mean distance of the oddest acts to the least of them, as of an exponential tail; then half of it. */
  #measureFall(): number {
    const most = Math.max(8, Math.sqrt(this.count));
    let [at, sum, before] = [0, 0, 0];
    while (at + 1 < this.#size && this.#ranks[at]! < most) at++;
    for (let index = 0; index < at; index++) {
      sum += (this.#ranks[index]! - before) * (this.#scores[index]! - this.#scores[at]!);
      before = this.#ranks[index]!;
    }
    return sum > 0 ? before / sum / 2 : 0;
  }
}

/** What a fold works in, one at a time. */
const merged = {
  scores: new Float32Array(MOST_ENTRIES + PENDING),
  ranks: new Float64Array(MOST_ENTRIES + PENDING),
  alike: new Float32Array(MOST_ENTRIES + PENDING),
};

/** Drops each score whose share the next lower one tells well enough. @returns how many are left. */
function squeeze(length: number): number {
  const { scores, ranks, alike } = merged;
  let size = length;
  for (let sharpness = SHARPNESS; ; sharpness /= 2) {
    let kept = 0;
    for (let at = 0; at < size; at++) {
      const before = kept > 0 ? ranks[kept - 1]! : 0;
      if (at + 1 < size && ranks[at + 1]! - before <= Math.max(before / sharpness, 1)) continue;
      scores[kept] = scores[at]!;
      alike[kept] = alike[at]!;
      ranks[kept++] = ranks[at]!;
    }
    size = kept;
    if (size <= MOST_ENTRIES) return size;
  }
}
