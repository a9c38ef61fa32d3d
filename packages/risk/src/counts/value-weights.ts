// Weights of the values of one attribute: an open-addressed table of two typed arrays. When it holds as
// many as it may, the lighter half is forgotten; the total still counts them.

const SMALLEST = 64;
const TRACE = 1e-6;

export class ValueWeights {
  readonly maxValues: number;
  /** Sum of all weights ever added, also of forgotten values. */
  total = 0;
  size = 0;
  #keys = new Float64Array(SMALLEST);
  #weights = new Float64Array(SMALLEST);

  constructor(maxValues: number) {
    this.maxValues = maxValues;
  }

  /** 0 when it is not held. */
  weightOf(value: number): number {
    const at = this.#find(value);
    return this.#keys[at] === 0 ? 0 : this.#weights[at]!;
  }

  /** @param value A whole number from 1; `amount` is positive. */
  add(value: number, amount: number): void {
    this.total += amount;
    this.#put(value, amount);
  }

  /** What was known as one value is known as another; of the first a trace stays, until it is forgotten. */
  rename(from: number, to: number): void {
    const at = this.#find(from);
    if (this.#keys[at] === 0 || from === to) return;
    const moved = this.#weights[at]! * (1 - TRACE);
    this.#weights[at]! *= TRACE;
    this.#put(to, moved);
  }

  scale(factor: number): void {
    this.total *= factor;
    for (let at = 0; at < this.#weights.length; at++) this.#weights[at]! *= factor;
  }

  /** By value, lowest first. */
  entries(): [value: number, weight: number][] {
    const found: [number, number][] = [];
    this.#keys.forEach((value, at) => {
      if (value !== 0) found.push([value, this.#weights[at]!]);
    });
    return found.sort((a, b) => a[0] - b[0]);
  }

  /** Puts back what `entries` and `total` said, into an empty table. */
  restore(entries: readonly [value: number, weight: number][], total: number): void {
    for (const [value, weight] of entries) this.#put(value, weight);
    this.total = total;
  }

  #put(value: number, amount: number): void {
    let at = this.#find(value);
    if (this.#keys[at] === 0) {
      if (this.size >= this.maxValues) {
        this.#forget();
        at = this.#find(value);
      } else if (this.size * 2 >= this.#keys.length) {
        this.#rebuild(this.#keys.length * 2, 0);
        at = this.#find(value);
      }
      this.#keys[at] = value;
      this.#weights[at] = 0;
      this.size++;
    }
    this.#weights[at]! += amount;
  }

  /** Where the value is, or where it would be. */
  #find(value: number): number {
    const keys = this.#keys;
    const mask = keys.length - 1;
    let mixed = Math.imul((value >>> 0) ^ Math.imul((value / 2 ** 32) | 0, 0x9e3779b1), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35);
    let at = (mixed ^ (mixed >>> 16)) & mask;
    while (keys[at] !== 0 && keys[at] !== value) at = (at + 1) & mask;
    return at;
  }

  /** Keeps the heavier half: one pass in as many acts, and at most half are lost at once. */
  #forget(): void {
    const sorted = this.entries()
      .map((entry) => entry[1])
      .sort((a, b) => a - b);
    this.#rebuild(this.#keys.length, sorted[sorted.length >> 1]!);
    if (this.size < this.maxValues) return;
    // All weigh the same: there is no lighter half, so the later ones by number go.
    const kept = this.entries().slice(0, this.maxValues >> 1);
    this.#clear(this.#keys.length);
    for (const [value, weight] of kept) this.#put(value, weight);
  }

  #rebuild(length: number, least: number): void {
    const entries = this.entries();
    this.#clear(length);
    for (const [value, weight] of entries) if (weight >= least) this.#put(value, weight);
  }

  #clear(length: number): void {
    this.#keys = new Float64Array(length);
    this.#weights = new Float64Array(length);
    this.size = 0;
  }
}
