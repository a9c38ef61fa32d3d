// Time is handed in, never taken, so that tests and simulations own it.

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
}

export const systemClock: Clock = { nowMs: () => Date.now() };

/** A clock that moves only when told: the real thing for tests, not a mock. */
export class ManualClock implements Clock {
  #nowMs: number;

  constructor(startMs = 1_800_000_000_000) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  /** Moves the clock; a negative step models a clock that jumps back. */
  advanceMs(stepMs: number): void {
    this.#nowMs += stepMs;
  }
}

export function toSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
