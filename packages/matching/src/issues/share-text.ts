// The same names come with a million issues: each is kept once. Bounded: past it texts are kept as they
// come.

const MOST_TEXTS = 300_000;

export class SharedText {
  readonly #texts = new Map<string, string>();
  readonly #lists = new Map<string, readonly string[]>();

  one(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size < MOST_TEXTS) this.#texts.set(text, text);
    return text;
  }

  list(texts: readonly string[]): readonly string[] {
    // Ids hold no line ends; a list that does is only not shared with its like.
    const key = texts.join('\n');
    const known = this.#lists.get(key);
    if (known !== undefined && known.length === texts.length) return known;
    const shared = texts.map((text) => this.one(text));
    if (this.#lists.size < MOST_TEXTS) this.#lists.set(key, shared);
    return shared;
  }
}
