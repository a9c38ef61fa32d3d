// The verifier feed: quarantined kids and revoked log indexes, signed by the notary's feed key. It
// is made anew when something changed and at least every few seconds, because a verifier refuses
// to judge by a feed that is old.

import { deflateSync } from 'node:zlib';
import type { Audit, RevocationBitmap } from '@countersign/audit';
import type { NotaryClient } from '@countersign/transparency';
import { type Clock, CodedError } from '@countersign/vocabulary';

/** A feed is renewed this often even when nothing changed. */
const RENEW_MS = 5000;

export interface Feed {
  /** The newest signed note. @throws CodedError `feed_unavailable` when it is too old to hand out */
  current(): string;
  /** Something was quarantined or revoked; resolves when the feed says so. */
  refresh(): Promise<void>;
  stop(): void;
}

export interface FeedParts {
  audit: Pick<Audit, 'listQuarantined' | 'revocationBitmaps'>;
  /** The logs whose feed key may sign, in order of preference: one that answers suffices. */
  signers: readonly FeedSigner[];
  clock: Clock;
  onFailure(error: unknown): void;
  /** These logs revoked more than can be told: verifiers refuse all their tokens. Told when it changes. */
  onClosed(origins: readonly string[]): void;
}

export interface FeedSigner {
  origin: string;
  notary: Pick<NotaryClient, 'signFeed'>;
}

/** A log that has not signed by then is not waited for: a revocation must not wait for it either. */
const SIGNING_MS = 1500;
/**
 * Text of all lists of a feed together; what a notary signs is 3 MiB, and the rest is for quarantined
 * keys. Room for half a million scattered tokens and more.
 */
const MOST_LIST_CHARACTERS = 2 * 1024 * 1024;
/** Older than this it is not handed out: verifiers would refuse it anyway, and say why less well. */
const LONGEST_SHOWN_MS = 60_000;

export async function publishFeed(parts: FeedParts): Promise<Feed> {
  const publisher = new FeedPublisher(parts);
  await publisher.refresh();
  return publisher;
}

class FeedPublisher implements Feed {
  readonly #parts: FeedParts;
  readonly #timer: NodeJS.Timeout;
  #note = '';
  #noteMs = 0;
  #number = 0;
  #closed = '';
  #running: Promise<void> | undefined;
  #again: Promise<void> | undefined;

  constructor(parts: FeedParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.refresh().catch(parts.onFailure), RENEW_MS);
    this.#timer.unref();
  }

  current(): string {
    if (this.#parts.clock.nowMs() - this.#noteMs > LONGEST_SHOWN_MS) {
      throw new CodedError('feed_unavailable', 'The feed could not be renewed; try again soon.', {
        retryAfterSeconds: 5,
      });
    }
    return this.#note;
  }

  /** A call while one runs waits for a further run, which has read what the caller changed. */
  refresh(): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#renew().finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    // Whoever asked for that run hears how it went.
    this.#again ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#again = undefined;
        return this.refresh();
      });
    return this.#again;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #renew(): Promise<void> {
    const { audit, clock } = this.#parts;
    const issuedMs = clock.nowMs();
    const quarantined = await audit.listQuarantined();
    const lists = describeLists(await audit.revocationBitmaps());
    this.#tellClosed(lists);
    // Numbers follow the clock, so that they also grow across a restart without being stored.
    const number = Math.max(this.#number + 1, issuedMs);
    const note = await this.#sign((origin) =>
      JSON.stringify({ number, issuedMs, quarantined, ...arrangeLists(lists, origin) }),
    );
    this.#number = number;
    this.#note = note;
    this.#noteMs = issuedMs;
  }

  #tellClosed(lists: readonly ToldList[]): void {
    const closed = lists.flatMap(({ origin, told }) => ('all' in told ? [origin ?? ''] : []));
    if (closed.join(' ') === this.#closed) return;
    this.#closed = closed.join(' ');
    this.#parts.onClosed(closed);
  }

  /** @throws what the last one threw */
  async #sign(describe: (origin: string) => string): Promise<string> {
    const { signers } = this.#parts;
    for (const [at, { origin, notary }] of signers.entries()) {
      try {
        return await withinTime(notary.signFeed(describe(origin)), SIGNING_MS);
      } catch (error) {
        if (at === signers.length - 1) throw error;
      }
    }
    throw new TypeError('a feed needs a log that signs it');
  }
}

interface ToldList {
  origin: string | undefined;
  told: { firstIndex: number; lst: string } | { all: true };
}

/** What is too much to be told is never left out: the longest lists become all of their log. */
function describeLists(lists: readonly RevocationBitmap[]): ToldList[] {
  const described = lists.map<ToldList>(({ origin, firstIndex, bitmap, all }) => {
    if (all === true) return { origin, told: { all } };
    return { origin, told: { firstIndex, lst: deflateSync(bitmap).toString('base64url') } };
  });
  let left = MOST_LIST_CHARACTERS;
  for (const list of described.toSorted((a, b) => lengthOf(a) - lengthOf(b))) {
    if (lengthOf(list) > left) list.told = { all: true };
    left -= lengthOf(list);
  }
  return described;
}

function lengthOf({ told }: ToldList): number {
  return 'all' in told ? 0 : told.lst.length;
}

/** `revoked` is of the log that signs, so that a feed reads the same whoever signed it. */
function arrangeLists(lists: readonly ToldList[], origin: string) {
  const own = lists.find((list) => list.origin === undefined || list.origin === origin);
  const others = lists.filter((list) => list !== own);
  if (own === undefined) throw new TypeError(`the log ${origin} is not registered`);
  const revokedIn = others.map((list) => ({ origin: list.origin, ...list.told }));
  return { revoked: own.told, ...(others.length === 0 ? {} : { revokedIn }) };
}

async function withinTime(work: Promise<string>, mostMs: number): Promise<string> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error('The feed was not signed in time.')),
    mostMs,
  );
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
