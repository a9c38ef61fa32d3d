// What failed its audit stays refused: token by token until it would have expired, and when there
// are too many to remember, the whole log. The memory can overflow only towards refusal.

export class BlockedTokens {
  readonly #limit: number;
  readonly #untilMs = new Map<string, number>();
  readonly #logs = new Set<string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  has(tokenHash: string, logOrigin: string): boolean {
    return this.#untilMs.has(tokenHash) || this.#logs.has(logOrigin);
  }

  blockLog(logOrigin: string): void {
    this.#logs.add(logOrigin);
  }

  logBlocked(logOrigin: string): boolean {
    return this.#logs.has(logOrigin);
  }

  /** False when there was no more room, so that the token's whole log is blocked instead. */
  block(tokenHash: string, logOrigin: string, untilMs: number, nowMs: number): boolean {
    if (this.#untilMs.size >= this.#limit) this.#forgetExpired(nowMs);
    if (this.#untilMs.size >= this.#limit) {
      this.#logs.add(logOrigin);
      return false;
    }
    this.#untilMs.set(tokenHash, untilMs);
    return true;
  }

  #forgetExpired(nowMs: number): void {
    for (const [tokenHash, untilMs] of this.#untilMs) {
      if (untilMs < nowMs) this.#untilMs.delete(tokenHash);
    }
  }
}
