// What a head says, with what each group added told only when somebody asks: that takes as long as the
// answer itself, and nobody asks of the nine acts in ten that are not odd.

import type { Contribution, HeadResult, RawHead } from './assessment.ts';

/** A head that is asked once more for its contributions; it must give those of the same act. */
export class AskedHead implements RawHead {
  raw: number;
  #ask: (() => Contribution[]) | undefined;
  #told: Contribution[] = [];

  constructor(raw: number, ask: () => Contribution[]) {
    this.raw = raw;
    this.#ask = ask;
  }

  get contributions(): Contribution[] {
    if (this.#ask !== undefined) {
      this.#told = this.#ask();
      // What was asked with is let go.
      this.#ask = undefined;
    }
    return this.#told;
  }
}

/** Also what is kept of it as JSON. */
export class ToldHead implements HeadResult {
  readonly raw: number;
  readonly tail: number;
  readonly #head: RawHead;

  constructor(head: RawHead, tail: number) {
    this.raw = head.raw;
    this.tail = tail;
    this.#head = head;
  }

  get contributions(): Contribution[] {
    return this.#head.contributions;
  }

  toJSON(): HeadResult {
    return { raw: this.raw, contributions: this.contributions, tail: this.tail };
  }
}
