// Whether a log's checkpoint may be handed out. One that is shown while its log is away, or behind with
// its tiles, could tell a verifier that the leaf it was promised is not there, which is how a forgery
// looks; no checkpoint at all tells it to wait. One that lacks nothing may be shown whatever happens.

import { FormatError, parseCheckpoint, parseNote } from '@countersign/verifier';
import type { Clock } from '@countersign/vocabulary';
import type { NotaryClient } from '../pipe/notary-client.ts';
import type { LogPromises } from './log-promises.ts';

export interface LogPulseOptions {
  notary: Pick<NotaryClient, 'size'>;
  clock: Clock;
  /**
   * What the log has promised, which it cannot be asked for while it is away. Default: not known, so
   * that a log that is away shows nothing.
   */
  promises?: Pick<LogPromises, 'size'>;
  /**
   * How long a leaf may wait for its checkpoint: less than verifiers do (5 s), and more than it waits
   * for its turn and its witnesses (2 s). Default 4,000.
   */
  mostBehindMs?: number;
  /** A log that does not answer for so long is away. Default 1,000. */
  answerMs?: number;
}

/** An answer is believed so long. */
const FRESH_MS = 250;

export class LogPulse {
  readonly #options: LogPulseOptions;
  /** A size that the checkpoint must reach, and by when. */
  #owed: { size: number; dueMs: number } | undefined;
  #away = true;
  #askedMs = Number.NEGATIVE_INFINITY;
  #answer: Promise<boolean> | undefined;

  /** Asks at once: what the log holds now was promised before the last stop. */
  constructor(options: LogPulseOptions) {
    this.#options = options;
    this.current();
  }

  /** True when the log answers and shows what it promised a while ago. Never throws. */
  current(): Promise<boolean> {
    const sinceMs = this.#options.clock.nowMs() - this.#askedMs;
    if (this.#answer === undefined || sinceMs < 0 || sinceMs >= FRESH_MS) {
      this.#askedMs = this.#options.clock.nowMs();
      this.#answer = this.#ask();
    }
    return this.#answer;
  }

  /**
   * True when this checkpoint holds every leaf that was promised until now: it may be shown though the
   * log is not `current`. To be asked after the checkpoint was read. Never throws.
   */
  lacksNothing(checkpoint: Uint8Array): boolean {
    const promised = this.#options.promises?.size;
    if (promised === undefined) return false;
    try {
      return parseCheckpoint(parseNote(checkpoint).text).size >= promised;
    } catch (error) {
      // What cannot be read shows no leaf.
      if (error instanceof FormatError) return false;
      throw error;
    }
  }

  async #ask(): Promise<boolean> {
    try {
      const { durableSize, publishedSize } = await this.#sizes();
      return this.#judge(durableSize, publishedSize);
    } catch {
      // Whatever the reason: it cannot show what it promised, and readers are told to wait.
      this.#away = true;
      return false;
    }
  }

  #judge(durableSize: number, publishedSize: number): boolean {
    const { clock, mostBehindMs = 4000 } = this.#options;
    const nowMs = clock.nowMs();
    // What it held when it came back was promised before it went: that is due at once.
    if (this.#away) this.#owed = { size: durableSize, dueMs: nowMs };
    this.#away = false;
    if (this.#owed !== undefined && publishedSize >= this.#owed.size) this.#owed = undefined;
    if (this.#owed === undefined && durableSize > publishedSize) {
      this.#owed = { size: durableSize, dueMs: nowMs + mostBehindMs };
    }
    return this.#owed === undefined || nowMs < this.#owed.dueMs;
  }

  async #sizes(): ReturnType<NotaryClient['size']> {
    const { notary, answerMs = 1000 } = this.#options;
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error('no answer in time')), answerMs);
    try {
      return await Promise.race([notary.size(), late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}
