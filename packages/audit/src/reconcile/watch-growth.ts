// When may something that is missing be called missing? After it was in plain sight for the grace
// period. The times that leaves carry are not asked: whoever submits a leaf chooses them. And only
// time counts in which this process was awake: after a pause everything is late, nothing is wrong.

export class AwakeTime {
  readonly #longestStepMs: number;
  #lastMs: number | undefined;
  #awakeMs = 0;

  constructor(longestStepMs: number) {
    this.#longestStepMs = longestStepMs;
  }

  /** Milliseconds this process has been looking; a clock that jumps back adds nothing. */
  look(nowMs: number): number {
    const stepMs = this.#lastMs === undefined ? 0 : Math.max(0, nowMs - this.#lastMs);
    this.#awakeMs += Math.min(stepMs, this.#longestStepMs);
    this.#lastMs = nowMs;
    return this.#awakeMs;
  }
}

export class GrowthWatch {
  readonly #graceMs: number;
  #seen: { size: number; awakeMs: number }[] = [];
  #ripe = 0;

  constructor(graceMs: number) {
    this.#graceMs = graceMs;
  }

  /** Notes the size seen now; returns the size that has been in sight for the grace period. */
  observe(size: number, awakeMs: number): number {
    const last = this.#seen.at(-1);
    // Frequent looks are folded, so that the list stays short.
    const fold = last !== undefined && awakeMs - last.awakeMs < this.#graceMs / 50;
    if (!fold && size > (last?.size ?? this.#ripe)) this.#seen.push({ size, awakeMs });
    for (;;) {
      const oldest = this.#seen[0];
      if (oldest === undefined || awakeMs - oldest.awakeMs < this.#graceMs) return this.#ripe;
      this.#ripe = oldest.size;
      this.#seen.shift();
    }
  }
}
