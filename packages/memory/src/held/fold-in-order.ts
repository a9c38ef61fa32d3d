// Acts are folded in the order of their sequence, each once, when they are durable: what a crash leaves
// is then folded again in the same order and comes to the same.

import type { KeptAct } from '../acts/act.ts';

/** Until what could not be read is tried again. */
const AGAIN_MS = 1_000;

export class FoldInOrder {
  readonly #fold: (act: KeptAct) => Promise<void>;
  readonly #onTrouble: (error: unknown) => void;
  /** Durable or given up, waiting for those before them. */
  readonly #settled = new Map<number, KeptAct | undefined>();
  readonly #waiting = new Map<number, () => void>();
  #given: number;
  #folded: number;
  #folding = false;
  #pauses = 0;
  #resting: (() => void)[] = [];
  #behind: { last: number; resolve: () => void; reject: (error: unknown) => void }[] = [];

  /**
   * @param onTrouble Folding threw: what it needs could not be read. It is tried again, and those behind it
   *   with it; nobody waits for that, because it may take until the next life.
   */
  constructor(
    last: number,
    fold: (act: KeptAct) => Promise<void>,
    onTrouble: (error: unknown) => void = () => {},
  ) {
    this.#given = last;
    this.#folded = last;
    this.#fold = fold;
    this.#onTrouble = onTrouble;
  }

  /** Acts that are durable, or given up, and not folded. */
  get unfolded(): number {
    return this.#settled.size;
  }

  /** Everything up to here is in the memory. */
  get folded(): number {
    return this.#folded;
  }

  next(): number {
    this.#given += 1;
    return this.#given;
  }

  /** At the start: an act that was durable before, or (undefined) cannot be read. Sequences left out were given up. */
  async replay(sequence: number, act: KeptAct | undefined): Promise<void> {
    if (act !== undefined) await this.#fold(act);
    this.#given = sequence;
    this.#folded = sequence;
  }

  /**
   * The act is durable, or (undefined) was not written at all. Resolves when it is folded; in trouble at
   * once, for it is on record and will be.
   */
  settle(sequence: number, act: KeptAct | undefined): Promise<void> {
    this.#settled.set(sequence, act);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.set(sequence, resolve);
    void this.#drain();
    return promise;
  }

  /**
   * Resolves when every act that has a number by now is folded or given up. Who read something that was
   * written together with an act waits here before asking what the act did to the memory.
   * @throws what folding threw: ask again later.
   */
  caughtUp(): Promise<void> {
    const last = this.#given;
    if (this.#folded >= last) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#behind.push({ last, resolve, reject });
    return promise;
  }

  /** Resolves when nothing is being folded; nothing is until the function it gives is called. */
  async pause(): Promise<() => void> {
    this.#pauses += 1;
    if (this.#folding) {
      await new Promise<void>((resolve) => {
        this.#resting.push(resolve);
      });
    }
    return () => {
      this.#pauses -= 1;
      void this.#drain();
    };
  }

  async #drain(): Promise<void> {
    if (this.#folding || this.#pauses > 0) return;
    this.#folding = true;
    try {
      await this.#foldReady();
    } catch (error) {
      this.#onTrouble(error);
      this.#folding = false;
      this.#letGo(error);
      setTimeout(() => void this.#drain(), AGAIN_MS).unref();
      for (const rest of this.#resting.splice(0)) rest();
      return;
    }
    this.#folding = false;
    for (const rest of this.#resting.splice(0)) rest();
    // What was settled after the last look and before this line found somebody folding, and went away.
    if (this.#settled.has(this.#folded + 1)) void this.#drain();
  }

  #letGo(error: unknown): void {
    for (const folded of this.#waiting.values()) folded();
    this.#waiting.clear();
    for (const { reject } of this.#behind.splice(0)) reject(error);
  }

  async #foldReady(): Promise<void> {
    for (
      let next = this.#folded + 1;
      this.#pauses === 0 && this.#settled.has(next);
      next = this.#folded + 1
    ) {
      const act = this.#settled.get(next);
      if (act !== undefined) await this.#fold(act);
      this.#settled.delete(next);
      this.#folded = next;
      this.#waiting.get(next)?.();
      this.#waiting.delete(next);
      this.#tellBehind();
    }
  }

  #tellBehind(): void {
    // Whoever asked first waits for the fewest.
    for (let [first] = this.#behind; first && first.last <= this.#folded; [first] = this.#behind) {
      this.#behind.shift();
      first.resolve();
    }
  }
}
