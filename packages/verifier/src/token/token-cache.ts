// Remembers accepted tokens by the SHA-256 of their text: never the text itself, and never a
// failure, so garbage evicts nothing and memory holds no bearer token. Two generations instead of
// a list in order of use: a hit in the young one writes nothing, and size is bounded by both.

export class TokenCache<Entry> {
  readonly #youngLimit: number;
  #young = new Map<string, Entry>();
  #old = new Map<string, Entry>();

  /** @param limit most entries remembered; 0 remembers none */
  constructor(limit: number) {
    this.#youngLimit = Math.floor(limit / 2);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: string): Entry | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, entry: Entry): void {
    if (this.#youngLimit === 0) return;
    this.#old.delete(key);
    if (this.#young.size >= this.#youngLimit && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, entry);
  }

  delete(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }
}
