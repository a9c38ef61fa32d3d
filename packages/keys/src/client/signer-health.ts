// Whether a signer of a set is worth asking: after a failure it rests, and is asked in the background,
// with growing pauses, whether it is back. Only a signature makes the pauses short again, so that one
// that answers and cannot sign (a full disk) is not tried by every other request.

export interface HealthOptions {
  /** Resolves when the signer answers. */
  ask(): Promise<void>;
  minPauseMs: number;
  maxPauseMs: number;
  /** Told when it begins to rest, and when it is back. */
  onChange(away: boolean, reason?: unknown): void;
}

export class SignerHealth {
  readonly #options: HealthOptions;
  #pauseMs: number;
  #probe: NodeJS.Timeout | undefined;
  #away = false;
  #closed = false;

  constructor(options: HealthOptions) {
    this.#options = options;
    this.#pauseMs = options.minPauseMs;
  }

  get away(): boolean {
    return this.#away;
  }

  worked(): void {
    this.#pauseMs = this.#options.minPauseMs;
  }

  failed(reason: unknown): void {
    if (this.#away || this.#closed) return;
    this.#away = true;
    this.#options.onChange(true, reason);
    this.#scheduleProbe();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#probe);
  }

  #scheduleProbe(): void {
    if (this.#closed) return;
    this.#probe = setTimeout(() => {
      this.#options.ask().then(
        () => this.#back(),
        () => this.#scheduleProbe(),
      );
    }, this.#pauseMs);
    this.#probe.unref();
    this.#pauseMs = Math.min(this.#pauseMs * 2, this.#options.maxPauseMs);
  }

  #back(): void {
    if (this.#closed) return;
    this.#away = false;
    this.#options.onChange(false);
  }
}
