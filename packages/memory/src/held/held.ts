// What is held in memory of rows on disk: bounded, the least lately used goes first, and nothing goes
// whose changes are not on disk yet.

interface Entry<T> {
  value: T;
  /** Sequence of the last act folded into it; 0 while it is as it was read. */
  changed: number;
}

export class Held<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #most: number;
  /** Everything folded up to here is on disk. */
  #kept = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Takes what was read, unless somebody was quicker: then theirs is the one that counts. */
  add(key: string, value: T): T {
    const there = this.get(key);
    if (there !== undefined) return there;
    this.#entries.set(key, { value, changed: 0 });
    this.#shrink(key);
    return value;
  }

  /** Takes what was read, as above, to change it: it stays until it is on disk. */
  change(key: string, value: T, sequence: number): T {
    const held = this.add(key, value);
    this.#entries.set(key, { value: held, changed: sequence });
    return held;
  }

  /** Forgets it, changed or not. */
  drop(key: string): void {
    this.#entries.delete(key);
  }

  /** What is not on disk yet. */
  *unkept(): Generator<[key: string, value: T]> {
    for (const [key, { value, changed }] of this.#entries) {
      if (changed > this.#kept) yield [key, value];
    }
  }

  noteKept(sequence: number): void {
    this.#kept = sequence;
    this.#shrink();
  }

  /** @param used What is about to be used, and stays. */
  #shrink(used?: string): void {
    if (this.#entries.size <= this.#most) return;
    let over = this.#entries.size - this.#most;
    for (const [key, { changed }] of this.#entries) {
      if (over <= 0) return;
      if (changed > this.#kept || key === used) continue;
      this.#entries.delete(key);
      over -= 1;
    }
  }
}
