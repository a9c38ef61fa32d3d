// One at a time moves the keys of an issuer: within this process by waiting in line, between servers
// by a lease.

import { type Lease, takeLease } from '@countersign/storage';
import { type Clock, CodedError } from '@countersign/vocabulary';
import type { KeyLivesCode } from './key-lives.ts';
import type { KeyLivesLimits, KeyLivesStore } from './key-lives-options.ts';

const ASK_AGAIN_MS = 100;

export interface HoldParts {
  store: KeyLivesStore;
  clock: Clock;
  limits: KeyLivesLimits;
  /** Names this run of this process. */
  holder: string;
}

export class IssuerHold {
  readonly #parts: HoldParts;
  readonly #lines = new Map<string, Promise<unknown>>();

  constructor(parts: HoldParts) {
    this.#parts = parts;
  }

  /**
   * Does the work as the only one that moves keys of this issuer.
   * @param waitMs for another server that does
   * @throws CodedError `keys_busy` when that one goes on for longer; what the work threw
   */
  during<T>(issuer: string, waitMs: number, work: (lease: Lease) => Promise<T>): Promise<T> {
    const before = this.#lines.get(issuer) ?? Promise.resolve();
    // Whoever asked for that work hears how it went.
    const done = before
      .catch(() => undefined)
      .then(async () => {
        const lease = await this.#take(issuer, waitMs);
        try {
          return await work(lease);
        } finally {
          // It ends by itself where this fails.
          await lease.release().catch(() => undefined);
        }
      });
    this.#lines.set(issuer, done);
    const forget = (): void => {
      if (this.#lines.get(issuer) === done) this.#lines.delete(issuer);
    };
    done.then(forget, forget);
    return done;
  }

  async #take(issuer: string, waitMs: number): Promise<Lease> {
    const { store, clock, limits, holder } = this.#parts;
    const request = { name: `keys of ${issuer}`, holder, forMs: limits.issuerLeaseMs };
    const startedMs = performance.now();
    for (;;) {
      const lease = await takeLease(store, clock, request);
      if (lease !== undefined) return lease;
      if (performance.now() - startedMs >= waitMs) {
        throw new CodedError<KeyLivesCode>(
          'keys_busy',
          'Another server moves the keys of this issuer; try again shortly.',
          { retryAfterSeconds: 2 },
        );
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }
}
