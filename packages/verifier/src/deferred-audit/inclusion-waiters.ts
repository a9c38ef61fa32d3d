// Who waits until a token's leaf was found in the log: strict audiences. Each wait ends by itself;
// all that wait for one token are told together.

import type { AuditPair, InclusionVerdict } from '../ports.ts';

interface Waiters {
  readonly logOrigin: string;
  readonly tell: Set<(verdict: InclusionVerdict) => void>;
}

/**
 * Callers that may wait for one token, each with a timer: whoever shows it a thousand times before the
 * log has answered learns nothing sooner. How many tokens are waited for is the audit's own bound.
 */
const MOST_FOR_ONE_TOKEN = 1_024;

export class InclusionWaiters {
  readonly #byToken = new Map<string, Waiters>();

  get size(): number {
    return this.#byToken.size;
  }

  wait({ tokenHash, logOrigin }: AuditPair, timeoutMs: number): Promise<InclusionVerdict> {
    const waiters = this.#byToken.get(tokenHash) ?? { logOrigin, tell: new Set() };
    if (waiters.tell.size >= MOST_FOR_ONE_TOKEN) return Promise.resolve('unavailable');
    this.#byToken.set(tokenHash, waiters);
    return new Promise((resolve) => {
      const tell = (verdict: InclusionVerdict): void => {
        clearTimeout(timer);
        waiters.tell.delete(tell);
        if (waiters.tell.size === 0) this.#byToken.delete(tokenHash);
        resolve(verdict);
      };
      const timer = setTimeout(() => tell('timeout'), timeoutMs);
      waiters.tell.add(tell);
    });
  }

  settle(tokenHash: string, verdict: InclusionVerdict): void {
    for (const tell of [...(this.#byToken.get(tokenHash)?.tell ?? [])]) tell(verdict);
  }

  /** All that wait for one log, or for any. */
  settleAll(verdict: InclusionVerdict, logOrigin?: string): void {
    for (const [tokenHash, waiters] of [...this.#byToken]) {
      if (logOrigin === undefined || waiters.logOrigin === logOrigin) {
        this.settle(tokenHash, verdict);
      }
    }
  }
}
