// The verifier feed: quarantined kids and revoked log indexes, signed by the notary's feed key. It
// is made anew when something changed and at least every few seconds, because a verifier refuses
// to judge by a feed that is old.

import { deflateSync } from 'node:zlib';
import type { Audit } from '@countersign/audit';
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
  audit: Pick<Audit, 'listQuarantined' | 'revocationBitmap'>;
  notary: Pick<NotaryClient, 'signFeed'>;
  clock: Clock;
  onFailure(error: unknown): void;
}

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
    const { audit, notary, clock } = this.#parts;
    const issuedMs = clock.nowMs();
    const quarantined = await audit.listQuarantined();
    const { firstIndex, bitmap } = await audit.revocationBitmap();
    // Numbers follow the clock, so that they also grow across a restart without being stored.
    const number = Math.max(this.#number + 1, issuedMs);
    const lst = deflateSync(bitmap).toString('base64url');
    const note = await notary.signFeed(
      JSON.stringify({ number, issuedMs, quarantined, revoked: { firstIndex, lst } }),
    );
    this.#number = number;
    this.#note = note;
    this.#noteMs = issuedMs;
  }
}
