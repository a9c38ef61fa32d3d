// Whether a log of a set is worth asking: after a failure it rests, and is asked in the background,
// with growing pauses, whether it is back. Only an append that worked makes the pauses short again.

export interface HealthPauses {
  minPauseMs: number;
  maxPauseMs: number;
}

export class MemberHealth {
  readonly #ready: () => Promise<void>;
  readonly #pauses: HealthPauses;
  #pauseMs: number;
  #probe: NodeJS.Timeout | undefined;
  #resting = false;
  #closed = false;

  constructor(ready: () => Promise<void>, pauses: HealthPauses) {
    this.#ready = ready;
    this.#pauses = pauses;
    this.#pauseMs = pauses.minPauseMs;
  }

  get resting(): boolean {
    return this.#resting;
  }

  worked(): void {
    this.#pauseMs = this.#pauses.minPauseMs;
  }

  failed(): void {
    if (this.#resting || this.#closed) return;
    this.#resting = true;
    this.#scheduleProbe();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#probe);
  }

  #scheduleProbe(): void {
    if (this.#closed) return;
    this.#probe = setTimeout(() => {
      this.#ready().then(
        () => {
          this.#resting = false;
        },
        () => this.#scheduleProbe(),
      );
    }, this.#pauseMs);
    this.#probe.unref();
    this.#pauseMs = Math.min(this.#pauseMs * 2, this.#pauses.maxPauseMs);
  }
}
