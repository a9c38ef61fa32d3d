// Keys that nobody has business with any more, and who asked for one all the same. Whoever does has
// a key's name from long ago, or was told to forget it and did not (C-13).

import { LONGEST_TOKEN_LIFETIME_SECONDS } from '../scope/key-scope.ts';
import type { HeldKey } from './held-key.ts';

export interface TrippedKey {
  kid: string;
  /** Requests since this signer started. */
  count: number;
  lastMs: number;
}

/** Keys of one status, those that were asked for last. */
export const TRIPPED_LIMIT = 256;

/**
 * True when asking for this key means trouble. A key that reached its end while it was active is
 * merely late at first: its rotator has failed, which is another alarm.
 */
export function isTripwire({ life, record }: HeldKey, nowMs: number): boolean {
  if (life.state === 'revoked') return true;
  if (life.state !== 'retired') return false;
  const graceMs = LONGEST_TOKEN_LIFETIME_SECONDS * 1000;
  const isLongOver = nowMs >= record.scope.notAfterSeconds * 1000 + graceMs;
  return life.sinceMs.retiring !== undefined || isLongOver;
}

export class Tripwires {
  readonly #tripped = new Map<string, TrippedKey>();

  /** True the first time. There are as many entries as the signer has keys, at most. */
  trip(kid: string, nowMs: number): boolean {
    const known = this.#tripped.get(kid);
    this.#tripped.delete(kid);
    // Put back at the end: the map is in the order of the last requests.
    this.#tripped.set(kid, { kid, count: (known?.count ?? 0) + 1, lastMs: nowMs });
    return known === undefined;
  }

  list(): TrippedKey[] {
    return [...this.#tripped.values()].slice(-TRIPPED_LIMIT);
  }
}
