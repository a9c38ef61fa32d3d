// The keys of one issuer as last seen, and when to look again. Reads are synchronous while the set
// is young; past its hard maximum age it is dropped, so a withdrawn key dies (control C-14).

import { importPublicJwk } from '#platform';
import { keyThumbprint } from '../dpop/key-thumbprint.ts';
import { fetchBounded } from '../http/fetch-bounded.ts';
import type { FetchLike, IssuerKey, VerifierClock } from '../ports.ts';
import { KeySetRefusal, type PublishedKey, parseKeySet } from './parse-key-set.ts';

export interface KeySetLimits {
  /** After this the set is fetched again in the background. Milliseconds. */
  ttlMs: number;
  /**
   * Longest time between fetches that unknown kids or a failing server cause. A key that was just made
   * is found within a second; only kids that lead to nothing make it longer. Milliseconds.
   */
  cooldownMs: number;
  /** After this an unrefreshed set is dropped. Milliseconds. */
  hardMaxAgeMs: number;
  /** Per fetch, body included. Milliseconds. */
  timeoutMs: number;
  maxBytes: number;
  maxKeys: number;
}

export interface KeySetPlace {
  url: string;
  fetch: FetchLike;
  clock: VerifierClock;
  limits: KeySetLimits;
  signal: AbortSignal;
  /** A key appeared, changed or died. */
  onChange: () => void;
  onProblem: (code: string, message: string) => void;
}

interface HeldKey {
  facts: string;
  key: IssuerKey;
}

const FIRST_RETRY_MS = 1_000;
const SHORTEST_PAUSE_MS = 1_000;
const REMEMBERED_KIDS = 1_024;
/** Withdrawn keys whose public half is kept. */
const REMEMBERED_KEYS = 256;

export class HeldKeySet {
  readonly #place: KeySetPlace;
  #held: Map<string, HeldKey> | undefined;
  // Outlives the set, so that a key that comes back is as old as it was.
  readonly #firstSeenMs = new Map<string, number>();
  /** Keys that were shown and are not any more, the longest withdrawn first. */
  readonly #withdrawn = new Map<string, IssuerKey>();
  #loadedMs = 0;
  #nextAttemptMs = Number.NEGATIVE_INFINITY;
  #failures = 0;
  /** Until a kid that is not known may be asked for again. */
  #pauseMs = SHORTEST_PAUSE_MS;
  #loading: { startedMs: number; done: Promise<void> } | undefined;

  constructor(place: KeySetPlace) {
    this.#place = place;
  }

  /** The key while the set is alive; undefined when unknown; `'ask'` when only a fetch can tell. */
  find(kid: string): IssuerKey | undefined | 'ask' {
    this.dropWhenDead();
    if (this.#held === undefined) return 'ask';
    const found = this.#held.get(kid);
    const nowMs = this.#place.clock.nowMs();
    if (found === undefined) return this.#mayLoad(nowMs) ? 'ask' : undefined;
    if (nowMs - this.#loadedMs >= this.#place.limits.ttlMs && this.#mayLoad(nowMs)) {
      void this.load();
    }
    return found.key;
  }

  /** After `load`: the key, undefined when unknown, `'none'` when there is no set to look in. */
  findLoaded(kid: string): IssuerKey | undefined | 'none' {
    return this.#held === undefined ? 'none' : this.#held.get(kid)?.key;
  }

  /** The key that was shown under this kid and is not in the set as last seen. */
  findWithdrawn(kid: string): IssuerKey | undefined {
    return this.#withdrawn.get(kid);
  }

  dropWhenDead(): void {
    if (this.#held === undefined) return;
    const ageMs = this.#place.clock.nowMs() - this.#loadedMs;
    // A clock that stepped back makes the age unknown, which is as bad as too old.
    if (ageMs >= 0 && ageMs < this.#place.limits.hardMaxAgeMs) return;
    this.#keepWithdrawn(this.#held, new Map());
    this.#held = undefined;
    this.#nextAttemptMs = Math.min(this.#nextAttemptMs, this.#place.clock.nowMs());
    this.#place.onChange();
    this.#place.onProblem('key_set_dead', 'The key set could not be refreshed and was dropped.');
  }

  /**
   * Fetches once however many ask, not before the cool-down is over; never rejects.
   * @param forUnknown a kid that the set does not hold is the reason
   */
  load(forUnknown = false): Promise<void> {
    const nowMs = this.#place.clock.nowMs();
    const running = this.#running(nowMs);
    if (running !== undefined) return running;
    if (this.#tooSoon(nowMs)) return Promise.resolve();
    this.#nextAttemptMs = nowMs + this.#place.limits.cooldownMs;
    const done = this.#fetchSet(nowMs, forUnknown);
    const loading = { startedMs: nowMs, done };
    this.#loading = loading;
    return done.finally(() => {
      if (this.#loading === loading) this.#loading = undefined;
    });
  }

  #mayLoad(nowMs: number): boolean {
    return !this.#tooSoon(nowMs) || this.#running(nowMs) !== undefined;
  }

  #tooSoon(nowMs: number): boolean {
    const waitMs = this.#nextAttemptMs - nowMs;
    // A longer wait than any we set means that the clock stepped back.
    return waitMs > 0 && waitMs <= this.#place.limits.cooldownMs;
  }

  #running(nowMs: number): Promise<void> | undefined {
    // A worker that ends its request can leave a promise that never settles: do not wait on it.
    const patienceMs = this.#place.limits.timeoutMs * 2;
    if (this.#loading === undefined || nowMs - this.#loading.startedMs > patienceMs)
      return undefined;
    return this.#loading.done;
  }

  async #fetchSet(startedMs: number, forUnknown: boolean): Promise<void> {
    const { url, fetch, limits, signal } = this.#place;
    try {
      const answer = await fetchBounded(url, {
        fetch,
        timeoutMs: limits.timeoutMs,
        maxBytes: limits.maxBytes,
        headers: { accept: 'application/jwk-set+json, application/json' },
        signal,
      });
      if (answer.status !== 200) {
        throw new KeySetRefusal('key_set_malformed', `The server answered ${answer.status}.`);
      }
      const isNews = await this.#adopt(parseKeySet(answer.bytes, limits.maxKeys), startedMs);
      this.#failures = 0;
      this.#setPause(isNews, forUnknown);
      this.#nextAttemptMs = startedMs + this.#pauseMs;
    } catch (error) {
      const waitMs = Math.min(limits.cooldownMs, FIRST_RETRY_MS * 2 ** this.#failures);
      this.#failures = Math.min(this.#failures + 1, 16);
      this.#nextAttemptMs = this.#place.clock.nowMs() + waitMs;
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unexpected';
      this.#place.onProblem(code, error instanceof Error ? error.message : 'Unknown failure.');
    }
  }

  /** Whoever makes up kids is heard ever more rarely; a set that has news shortens that again. */
  #setPause(isNews: boolean, forUnknown: boolean): void {
    const { cooldownMs } = this.#place.limits;
    const next = forUnknown ? this.#pauseMs * 2 : this.#pauseMs / 2;
    this.#pauseMs = isNews ? SHORTEST_PAUSE_MS : Math.max(SHORTEST_PAUSE_MS, next);
    this.#pauseMs = Math.min(this.#pauseMs, cooldownMs);
  }

  /** Whether the set is another than the one before. */
  async #adopt(published: PublishedKey[], seenMs: number): Promise<boolean> {
    const next = new Map<string, HeldKey>();
    for (const key of published) {
      const facts = JSON.stringify(key);
      const before = this.#held?.get(key.kid);
      const same = before?.facts === facts ? before : undefined;
      const held = same ?? (await importHeld(key, facts, this.#firstSeen(key.kid, seenMs)));
      if (held !== undefined) next.set(key.kid, held);
    }
    // A fetch that was given up on may still end, after a later one.
    if (this.#held !== undefined && seenMs < this.#loadedMs) return false;
    const old = this.#held;
    this.#keepWithdrawn(old ?? new Map(), next);
    this.#held = next;
    this.#loadedMs = seenMs;
    const changed =
      old?.size !== next.size || [...next].some(([kid, held]) => old.get(kid) !== held);
    if (changed) this.#place.onChange();
    return changed;
  }

  #keepWithdrawn(old: ReadonlyMap<string, HeldKey>, next: ReadonlyMap<string, HeldKey>): void {
    for (const kid of next.keys()) this.#withdrawn.delete(kid);
    for (const [kid, { key }] of old) {
      if (!next.has(kid)) this.#withdrawn.set(kid, key);
    }
    for (const kid of this.#withdrawn.keys()) {
      if (this.#withdrawn.size <= REMEMBERED_KEYS) return;
      this.#withdrawn.delete(kid);
    }
  }

  #firstSeen(kid: string, seenMs: number): number {
    const known = this.#firstSeenMs.get(kid);
    if (known !== undefined) return known;
    this.#firstSeenMs.set(kid, seenMs);
    const [oldest] = this.#firstSeenMs.keys();
    if (this.#firstSeenMs.size > REMEMBERED_KIDS && oldest !== undefined) {
      this.#firstSeenMs.delete(oldest);
    }
    return seenMs;
  }
}

async function importHeld(
  published: PublishedKey,
  facts: string,
  firstSeenMs: number,
): Promise<HeldKey | undefined> {
  const { jwk, ...scope } = published;
  let handle: unknown;
  if (published.alg !== undefined) {
    try {
      handle = await importPublicJwk(jwk, published.alg);
    } catch {
      // Not a sound key for its own alg: left out, so its kid is simply unknown.
      return undefined;
    }
  }
  const thumbprint = keyThumbprint({ ...jwk });
  return { facts, key: { ...scope, thumbprint, firstSeenMs, handle } };
}
