// Repeatable chance (sfc32, Chris Doty-Humphrey's PractRand generator) with the few distributions
// that the made-up worlds need. The same seed gives the same world on every machine.

export class Dice {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** @param seed any whole number; `stream` separates uses of the same seed */
  constructor(seed: number, stream = 0) {
    this.#a = seed >>> 0;
    this.#b = (seed / 2 ** 32) >>> 0;
    this.#c = (stream ^ 0x9e3779b9) >>> 0;
    for (let round = 0; round < 15; round++) this.#next();
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.#next() / 2 ** 32;
  }

  /** A whole number in [0, count). */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** Standard normal (Box–Muller, one of the pair). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Exponential with the given mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform());
  }

  /** A rank 1, 2, … with P(rank ≥ r) = r^−alpha, drawn again while above `most`. */
  rank(alpha: number, most: number): number {
    for (;;) {
      const rank = Math.floor((1 - this.uniform()) ** (-1 / alpha));
      if (rank <= most) return rank;
    }
  }

  /** The index of a weight, by its share of their sum. */
  weighted(weights: readonly number[]): number {
    let left = this.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
    for (let index = 0; index < weights.length - 1; index++) {
      left -= weights[index] ?? 0;
      if (left < 0) return index;
    }
    return weights.length - 1;
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) >>> 0;
    this.#counter = (this.#counter + 1) >>> 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) >>> 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) >>> 0;
    return sum;
  }
}
