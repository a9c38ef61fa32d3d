// Until a log or journal was first heard of after a start: what the last stop may have cut short in it.

import type { Followed } from './sources.ts';

export interface CrashExcuse {
  /** Of the ledger at the start. */
  height: number;
  mostInFlight: number;
  /** Places from here on were given out later. */
  below: number;
}

export class CrashExcuses {
  readonly #excuses = new Map<Followed, CrashExcuse>();

  give(followed: Followed, height: number, mostInFlight: number): void {
    this.#excuses.set(followed, { height, mostInFlight, below: height + mostInFlight });
  }

  of(followed: Followed): CrashExcuse | undefined {
    return this.#excuses.get(followed);
  }

  /** It was judged with its excuse, all of it. */
  end(followed: Followed): void {
    this.#excuses.delete(followed);
  }

  /** What is there when it is first heard of may have been cut short; what comes later was not. */
  narrow(followed: Followed, cursor: number, end: number): void {
    const excuse = this.#excuses.get(followed);
    if (excuse === undefined) return;
    const below = Math.min(excuse.below, end);
    if (cursor >= below) this.#excuses.delete(followed);
    else this.#excuses.set(followed, { ...excuse, below });
  }
}
