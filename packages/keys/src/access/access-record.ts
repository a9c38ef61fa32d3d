// Who touched the keys, besides signing: a numbered line, durable before the deed, for each start,
// each key made or changed, each reading of the policy, and each forbidden key asked for (C-12).

import { hostname } from 'node:os';
import type { Clock } from '@countersign/vocabulary';
import { z } from 'zod';
import type { ChainedLog } from '../chain/chained-log.ts';
import { isNoRoom } from '../disk/write-fully.ts';
import { signerRefusal } from '../keys-error.ts';
import { KEY_STATES } from '../life/key-life.ts';

export const ACCESS_KINDS = ['open', 'make', 'change', 'list', 'tripwire'] as const;

/**
 * `open`: a signer started on this folder. `make`, `change`: asked for, whatever became of it.
 * `list`: keys and their policy were read. `tripwire`: a retired or revoked key was asked to sign.
 */
export type AccessKind = (typeof ACCESS_KINDS)[number];

export const accessEntrySchema = z.strictObject({
  atMs: z.int(),
  what: z.enum(ACCESS_KINDS),
  /** The machine that the signer runs on. */
  host: z.string(),
  /** The process or machine that asked, as the connection tells it. */
  caller: z.string(),
  /** The person behind it, as the caller tells it. */
  by: z.string().exactOptional(),
  reason: z.string().exactOptional(),
  kid: z.string().exactOptional(),
  /** Of `make`. */
  issuer: z.string().exactOptional(),
  /** Of `change`. */
  to: z.enum(KEY_STATES).exactOptional(),
  /** Of `list`: how often since the line before of this caller, this time included. */
  times: z.int().exactOptional(),
});

export type AccessFacts = z.infer<typeof accessEntrySchema>;
export interface AccessEntry extends AccessFacts {
  /** Gapless from 1; the oldest are dropped. */
  number: number;
}

/** Lines that are kept at least; whoever follows has them long before they go. */
export const ACCESS_LINES_KEPT = 65_536;
/** Lines of one answer to a reader. */
export const ACCESS_READ_LIMIT = 1000;
/** Followers list keys every few seconds: one line tells of all that one of them did in this time. */
const LIST_EVERY_MS = 3_600_000;
/** Callers whose listing is counted; one more is written down each time. */
const CALLERS_LIMIT = 256;

export interface AccessPage {
  entries: AccessEntry[];
  lastNumber: number;
}

export class AccessRecord {
  readonly #log: ChainedLog;
  readonly #clock: Clock;
  readonly #listed = new Map<string, { toldMs: number; times: number }>();

  constructor(log: ChainedLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** @throws CodedError `journal_full`; anything else means that the process must end */
  tell(facts: Omit<AccessFacts, 'atMs' | 'host'>): void {
    try {
      this.#log.append([{ atMs: this.#clock.nowMs(), host: hostname(), ...facts }]);
    } catch (cause) {
      if (!isNoRoom(cause)) throw cause;
      throw signerRefusal('journal_full', 'The signer has no room to record who asks.', { cause });
    }
  }

  /** One line an hour for each caller; a full disk does not keep anyone from reading. */
  tellListing(caller: string): void {
    const nowMs = this.#clock.nowMs();
    const known = this.#listed.get(caller) ?? { toldMs: Number.NEGATIVE_INFINITY, times: 0 };
    known.times += 1;
    // A clock that went back must not silence the record.
    const isDue = Math.abs(nowMs - known.toldMs) >= LIST_EVERY_MS;
    if (isDue && this.tellIfRoom({ what: 'list', caller, times: known.times })) {
      known.toldMs = nowMs;
      known.times = 0;
    }
    if (this.#listed.has(caller) || this.#listed.size < CALLERS_LIMIT) {
      this.#listed.set(caller, known);
    }
  }

  /** False when there was no room. */
  tellIfRoom(facts: Omit<AccessFacts, 'atMs' | 'host'>): boolean {
    try {
      this.tell(facts);
      return true;
    } catch (error) {
      if (this.#log.broken !== undefined) throw error;
      return false;
    }
  }

  /** Lines from `fromNumber` on, at most `limit` (at most 1000). */
  read(fromNumber: number, limit: number): AccessPage {
    const entries = this.#log
      .read(fromNumber, Math.min(limit, ACCESS_READ_LIMIT))
      .map(({ number, value }) => ({ number, ...accessEntrySchema.parse(value) }));
    return { entries, lastNumber: this.#log.lastNumber };
  }

  get broken(): unknown {
    return this.#log.broken;
  }

  close(): void {
    this.#log.close();
  }
}
