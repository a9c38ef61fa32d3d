// How odd the odd acts are: the raw scores of any number of acts in a few kilobytes, exact at the odd end.
// What is kept are some of the scores, each with how many acts were at least that odd. A score is dropped
// only where this changes a share by less than 1/32 of itself, so one in a thousand is as sharp as one in two.

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
      out.f32(this.#scores[index]!).f64(this.#ranks[index]!);
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
    sketch.#size = size;
    let [score, rank] = [Number.POSITIVE_INFINITY, 0];
    for (let index = 0; index < size; index++) {
      const next = numbers.f32('score', -3.4e38, 3.4e38);
      const acts = numbers.whole('rank', MOST_ACTS);
      if (!(next < score) || !(acts > rank)) throw numbers.refuse('order');
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
    const [scores, ranks, size] = [this.#scores, this.#ranks, this.#size];
    if (score > scores[0]!) {
      const beyond = Math.exp(-(score - scores[0]!) * this.#fall);
      return (ranks[0]! - 0.5) * Math.max(beyond, MOST_BEYOND);
    }
    let [low, high] = [0, size];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (scores[middle]! > score) low = middle + 1;
      else high = middle;
    }
    if (low === size) return ranks[size - 1]!;
    const here = ranks[low]! - 0.5;
    if (low === 0 || scores[low] === score) return here;
    const before = ranks[low - 1]! - 0.5;
    const part = (scores[low - 1]! - score) / (scores[low - 1]! - scores[low]!);
    return before * (here / before) ** part;
  }

  #fold(): void {
    const fresh = this.#pending.subarray(0, this.#waiting).sort().reverse();
    const scores = new Float32Array(this.#size + fresh.length);
    const ranks = new Float64Array(scores.length);
    let [old, taken, acts] = [0, 0, 0];
    for (let at = 0; at < scores.length; at++) {
      const isOld =
        old < this.#size && !(taken < fresh.length && fresh[taken]! > this.#scores[old]!);
      scores[at] = isOld ? this.#scores[old]! : fresh[taken]!;
      acts += isOld ? this.#ranks[old]! - (this.#ranks[old - 1] ?? 0) : 1;
      ranks[at] = acts;
      if (isOld) old++;
      else taken++;
    }
    this.#waiting = 0;
    this.#squeeze(scores, ranks);
    this.#fall = this.#measureFall();
  }

  /** Drops each score whose share the next lower one tells well enough. */
  #squeeze(scores: Float32Array, ranks: Float64Array): void {
    let size = scores.length;
    for (let sharpness = SHARPNESS; ; sharpness /= 2) {
      let kept = 0;
      for (let at = 0; at < size; at++) {
        const before = kept > 0 ? ranks[kept - 1]! : 0;
        const last = at + 1 === size;
        const alike = !last && scores[at + 1] === scores[at];
        const close = !last && ranks[at + 1]! - before <= Math.max(before / sharpness, 1);
        if (alike || close) continue;
        scores[kept] = scores[at]!;
        ranks[kept++] = ranks[at]!;
      }
      size = kept;
      if (size <= MOST_ENTRIES) break;
    }
    this.#scores = scores.slice(0, size);
    this.#ranks = ranks.slice(0, size);
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
