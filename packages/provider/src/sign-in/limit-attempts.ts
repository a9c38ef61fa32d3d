// Slows down guessing: wrong passwords are counted per username of a realm and per address, in a
// sliding window of two halves, in bounded memory. An attempt counts from its start, so that many
// at once are many; a right password takes its own attempt back and no other.

import type { Clock } from '@countersign/vocabulary';

export interface AttemptLimits {
  mostAttemptsPerUsername: number;
  mostAttemptsPerAddress: number;
  attemptWindowMs: number;
  mostRememberedAttempts: number;
}

export type AttemptVerdict =
  | { allowed: true; forgive(): void }
  | {
      allowed: false;
      retryAfterSeconds: number;
      /** True once per key and window: the refusal to put on record. */
      firstRefusal: boolean;
    };

export interface AttemptedPerson {
  realm: string;
  username: string;
  /** Default: `password`. */
  as?: 'password' | 'step-up';
}

interface Counter {
  startedMs: number;
  current: number;
  previous: number;
  refused: boolean;
}

export class AttemptLimiter {
  readonly #limits: AttemptLimits;
  readonly #clock: Clock;
  readonly #counters = new Map<string, Counter>();

  constructor(limits: AttemptLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /**
   * Counts an attempt, or refuses it uncounted.
   * @param person `username` in the form people are told apart by; what is tried as something else than
   *   a password is counted apart, and no name that is typed can be counted there.
   */
  begin(address: string, person?: AttemptedPerson): AttemptVerdict {
    const keys: [string, number][] = [[`address ${address}`, this.#limits.mostAttemptsPerAddress]];
    if (person !== undefined) {
      const key = `${person.as ?? 'password'} ${person.realm} ${person.username}`;
      keys.push([key, this.#limits.mostAttemptsPerUsername]);
    }
    const counters = keys.map(([key]) => this.#counter(key));
    for (const [place, counter] of counters.entries()) {
      const most = keys[place]?.[1] ?? 0;
      if (this.#weight(counter) + 1 > most) return this.#refuse(counter);
    }
    for (const counter of counters) counter.current += 1;
    return {
      allowed: true,
      forgive: () => {
        for (const counter of counters) counter.current = Math.max(0, counter.current - 1);
      },
    };
  }

  get size(): number {
    return this.#counters.size;
  }

  #refuse(counter: Counter): AttemptVerdict {
    const firstRefusal = !counter.refused;
    counter.refused = true;
    const leftMs = counter.startedMs + this.#limits.attemptWindowMs - this.#clock.nowMs();
    return {
      allowed: false,
      retryAfterSeconds: Math.max(1, Math.ceil(leftMs / 1000)),
      firstRefusal,
    };
  }

  #counter(key: string): Counter {
    const nowMs = this.#clock.nowMs();
    const windowMs = this.#limits.attemptWindowMs;
    let counter = this.#counters.get(key);
    this.#counters.delete(key);
    const ageMs = counter === undefined ? 0 : nowMs - counter.startedMs;
    if (counter === undefined || ageMs < 0 || ageMs >= 2 * windowMs) {
      counter = { startedMs: nowMs, current: 0, previous: 0, refused: false };
    } else if (ageMs >= windowMs) {
      counter.previous = counter.current;
      counter.current = 0;
      counter.startedMs += windowMs;
      counter.refused = false;
    }
    // Back at the end of the map: the first key is always the one asked for longest ago.
    this.#counters.set(key, counter);
    if (this.#counters.size > this.#limits.mostRememberedAttempts) {
      const [oldest] = this.#counters.keys();
      if (oldest !== undefined && oldest !== key) this.#counters.delete(oldest);
    }
    return counter;
  }

  #weight(counter: Counter): number {
    const elapsed = (this.#clock.nowMs() - counter.startedMs) / this.#limits.attemptWindowMs;
    return counter.current + counter.previous * Math.max(0, 1 - elapsed);
  }
}
