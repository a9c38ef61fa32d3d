// The feed source that createVerifier uses by default: fetches the signed feed while tokens are
// being judged. A feed can only restrict; without a fresh one nothing is accepted (feed_stale).

import { FormatError } from '../format-error.ts';
import { fetchBounded } from '../http/fetch-bounded.ts';
import { parseNote } from '../note/parse-note.ts';
import { type NoteKey, parseVerifierKey } from '../note/verifier-key.ts';
import { verifyNote } from '../note/verify-note.ts';
import type { FeedSource, FetchLike, VerifierClock } from '../ports.ts';
import { FeedRefusal } from './feed-refusal.ts';
import { type FeedLimits, parseFeed, type VerifierFeed } from './parse-feed.ts';
import { isRevoked } from './read-revocations.ts';

export interface FeedSourceOptions {
  /** https, or http on this machine. */
  url: string;
  /** Feed key of the log, as a vkey named `ORIGIN/feed`. */
  key: string;
  /** Feed keys of the issuer's other logs: a feed by any of them counts. Default none. */
  otherKeys?: readonly string[];
  /** Oldest feed that may be judged by, from its signed time. */
  maxStaleSeconds: number;
  clock: VerifierClock;
  fetch?: FetchLike;
  /** Time between fetches while in use. Default a third of `maxStaleSeconds`, at most 5 s. */
  pollMs?: number;
  /** Lowest feed number to accept: what a host remembered from its last life. Default 0. */
  leastNumber?: number;
  limits?: Partial<FeedLimits & { maxBytes: number; timeoutMs: number }>;
  /** Told of each feed that could not be fetched or was refused. */
  onProblem?: (code: string, message: string) => void;
  /** Told of each accepted number that is new, for a host that wants to remember it. */
  onNumber?: (number: number) => void;
}

const FEED_SUFFIX = '/feed';
const LIMITS = {
  maxQuarantined: 10_000,
  maxBitmapBytes: 32 * 1024 * 1024,
  maxBytes: 16 * 1024 * 1024,
  timeoutMs: 3_000,
} as const;
const MOST_POLL_MS = 5_000;
/** How far ahead the server's clock may be. */
const SKEW_MS = 60_000;

/** @throws FormatError `vkey_malformed` when the key is not a feed key */
export function createFeedSource(options: FeedSourceOptions): FeedSource {
  return new PolledFeed(options, [options.key, ...(options.otherKeys ?? [])].map(parseFeedKey));
}

/** @throws FormatError `vkey_malformed` */
export function parseFeedKey(vkey: string): NoteKey {
  const key = parseVerifierKey(vkey);
  if (key.purpose !== 'ed25519' || !key.name.endsWith(FEED_SUFFIX)) {
    throw new FormatError('vkey_malformed', 'A feed key is an Ed25519 key named ORIGIN/feed.');
  }
  return key;
}

class PolledFeed implements FeedSource {
  readonly #options: FeedSourceOptions;
  readonly #keys: readonly NoteKey[];
  readonly #pollMs: number;
  readonly #closing = new AbortController();
  #feed: VerifierFeed | undefined;
  #quarantined = new Set<string>();
  #generation = 0;
  #askedMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;

  constructor(options: FeedSourceOptions, keys: readonly NoteKey[]) {
    this.#options = options;
    this.#keys = keys;
    const third = Math.floor((options.maxStaleSeconds * 1000) / 3);
    this.#pollMs = options.pollMs ?? Math.min(third, MOST_POLL_MS);
  }

  get generation(): number {
    return this.#generation;
  }

  quarantined(issuer: string, kid: string): boolean {
    return this.#quarantined.has(nameOf(issuer, kid));
  }

  revoked(index: number, logOrigin: string): boolean {
    const list = this.#feed?.revocations.get(logOrigin);
    return list !== undefined && isRevoked(list.revocations, index);
  }

  fresh(nowMs: number): boolean {
    this.#askWhenDue(nowMs);
    if (this.#feed === undefined) return false;
    const ageMs = nowMs - this.#feed.issuedMs;
    return ageMs <= this.#options.maxStaleSeconds * 1000 && ageMs >= -SKEW_MS;
  }

  async ready(): Promise<void> {
    this.#askWhenDue(this.#options.clock.nowMs());
    await this.#asking;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#asking;
  }

  #askWhenDue(nowMs: number): void {
    const sinceMs = nowMs - this.#askedMs;
    // A clock that stepped back must not stop the polling.
    if (sinceMs >= 0 && sinceMs < this.#pollMs) return;
    // A worker may abandon a request for good; after a while it is no longer waited for.
    const patienceMs = 2 * (this.#options.limits?.timeoutMs ?? LIMITS.timeoutMs);
    if (this.#asking !== undefined && sinceMs >= 0 && sinceMs < patienceMs) return;
    this.#askedMs = nowMs;
    const asking = this.#ask().finally(() => {
      if (this.#asking === asking) this.#asking = undefined;
    });
    this.#asking = asking;
  }

  async #ask(): Promise<void> {
    const { url, fetch: given, limits: changed, onProblem } = this.#options;
    const limits = { ...LIMITS, ...changed };
    try {
      const answer = await fetchBounded(url, {
        fetch: given ?? ((target, init) => fetch(target, init)),
        timeoutMs: limits.timeoutMs,
        maxBytes: limits.maxBytes,
        signal: this.#closing.signal,
      });
      if (answer.status !== 200) {
        throw new FeedRefusal('feed_unavailable', `The server answered ${answer.status}.`);
      }
      const note = parseNote(answer.bytes, limits.maxBytes);
      const { text, verified } = await verifyNote(note, this.#keys);
      // The text names the log whose key signs it; one log cannot speak in the name of another.
      const origins = verified.map(({ key }) => key.name.slice(0, -FEED_SUFFIX.length));
      const named = text.split('\n', 2)[1] ?? '';
      const origin = origins.includes(named) ? named : (origins[0] ?? '');
      this.#adopt(await parseFeed(text, origin, limits, this.#feed));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unexpected';
      onProblem?.(code, error instanceof Error ? error.message : 'Unknown failure.');
    }
  }

  #adopt(next: VerifierFeed): void {
    const before = this.#feed;
    const least = Math.max(before?.number ?? 0, this.#options.leastNumber ?? 0);
    if (next.number < least || (before !== undefined && next.issuedMs < before.issuedMs)) {
      throw new FeedRefusal('feed_rolled_back', 'The feed is older than the one already known.');
    }
    if (next.issuedMs > this.#options.clock.nowMs() + SKEW_MS) {
      throw new FeedRefusal('feed_from_future', 'The feed is dated in the future.');
    }
    const same = before?.substance === next.substance;
    if (before?.number === next.number && !same) {
      throw new FeedRefusal('feed_equivocates', 'Two different feeds have the same number.');
    }
    this.#feed = next;
    if (before?.number !== next.number) this.#options.onNumber?.(next.number);
    if (same) return;
    this.#quarantined = new Set(next.quarantined.map(({ issuer, kid }) => nameOf(issuer, kid)));
    this.#generation += 1;
  }
}

function nameOf(issuer: string, kid: string): string {
  return `${issuer}\n${kid}`;
}
