// Two independent logs as one: an entry goes to the first that takes it, and a receipt of either
// suffices. No agreement between them, so that losing one costs nothing; no promise without one, so
// that within the budget there is a receipt or a refusal.

import { decodeReceipt, equalBytes, parseVerifierKey } from '@countersign/verifier';
import { CodedError, isCodedError } from '@countersign/vocabulary';
import type { NotaryClient } from '../pipe/notary-client.ts';
import { MemberHealth } from './member-health.ts';

export interface LogSetMember {
  origin: string;
  /** Receipt key (vkey): tells whose receipt one is. */
  receiptKey: string;
  notary: Pick<NotaryClient, 'append' | 'ready' | 'size'>;
  /** It is known not to answer just now. Default false. */
  away?: boolean;
}

export interface LogSetOptions {
  /** Time in which an entry has a receipt or is refused. Default 250. */
  budgetMs?: number;
  /** A log that did not answer for so long is no longer waited for alone. Default 100. */
  patienceMs?: number;
  /** First pause after a failure before a log is asked whether it is back. Default 100. */
  minPauseMs?: number;
  /** Default 5,000. */
  maxPauseMs?: number;
  /**
   * The entry may or may not stand in that log, and its receipt, if there is any, is of another:
   * called before the append is answered, so that a leaf found there later is taken for what it is.
   */
  onDoubt?: (entry: Uint8Array, origin: string) => void;
}

export interface LogSet {
  /**
   * Logs one entry in the first log, or in another when that one refuses, is gone or slow. A log that
   * failed is not asked again before it says that it is back.
   * @throws CodedError what the last one refused with, or `peer_timeout` after the budget; always one
   *   that may pass, but for `entry_malformed` and `clock_skew` when no log took the entry
   */
  append(entry: Uint8Array): Promise<Uint8Array>;
  /** Resolves when at least one log answers. */
  ready(): Promise<void>;
  /** Origin of the log that issued a receipt. @throws CodedError `receipt_foreign` */
  originOf(receipt: Uint8Array): string;
  /** Asks no log any more whether it is back. */
  close(): void;
}

/**
 * A receipt further than this from what is known of its log is not taken: two hours of 2,000 entries a
 * second that all passed us by. Revoked tokens so far apart could not be named in one list.
 */
const LARGEST_LEAP = 2 ** 24;

/** Codes that say for certain that nothing was logged. */
const NOT_LOGGED: ReadonlySet<string> = new Set([
  'busy',
  'log_full',
  'entry_malformed',
  'clock_skew',
]);

/** @param members in order of preference, at least one */
export function createLogSet(
  members: readonly LogSetMember[],
  options: LogSetOptions = {},
): LogSet {
  if (members.length === 0) throw new TypeError('a log set needs a log');
  const logs = members.map((member) => new Member(member, options));
  return {
    append: (entry) => new Append(entry, inOrder(logs), options).run(),
    ready: async () => {
      try {
        await Promise.any(logs.map(({ notary }) => notary.ready()));
      } catch (error) {
        throw error instanceof AggregateError ? error.errors[0] : error;
      }
    },
    originOf: (receipt) => {
      const issuer = logs.find((log) => log.issued(receipt));
      if (issuer === undefined) throw foreign();
      return issuer.origin;
    },
    close: () => {
      for (const { health } of logs) health.close();
    },
  };
}

class Member {
  readonly origin: string;
  readonly notary: LogSetMember['notary'];
  readonly health: MemberHealth;
  readonly #keyId: Uint8Array;
  /** Index that was highest of all that the log is known to have given out; what it says first is believed. */
  #highest: number | undefined;

  constructor({ origin, receiptKey, notary, away }: LogSetMember, options: LogSetOptions) {
    this.origin = origin;
    this.notary = notary;
    this.#keyId = parseVerifierKey(receiptKey).id;
    this.health = new MemberHealth(() => this.#learnSize(), {
      minPauseMs: options.minPauseMs ?? 100,
      maxPauseMs: options.maxPauseMs ?? 5000,
    });
    if (away === true) this.health.failed();
    // One that does not answer now is asked again when it is back.
    else this.#learnSize().catch(() => undefined);
  }

  issued(receipt: Uint8Array): boolean {
    return equalBytes(decodeReceipt(receipt).keyId, this.#keyId);
  }

  async append(entry: Uint8Array): Promise<Uint8Array> {
    const receipt = await this.notary.append(entry);
    if (!this.issued(receipt)) throw foreign();
    this.#follow(decodeReceipt(receipt).index);
    return receipt;
  }

  async #learnSize(): Promise<void> {
    await this.notary.ready();
    if (this.#highest !== undefined) return;
    const { durableSize } = await this.notary.size();
    this.#highest ??= durableSize;
  }

  #follow(index: number): void {
    const highest = this.#highest ?? index;
    if (Math.abs(index - highest) > LARGEST_LEAP) {
      throw new CodedError('receipt_implausible', 'A log leapt to an index far from its others.', {
        retryAfterSeconds: 1,
      });
    }
    this.#highest = Math.max(index, highest);
  }
}

/** Those that work first; those that failed only when no other is left. */
function inOrder(logs: readonly Member[]): Member[] {
  const working = logs.filter(({ health }) => !health.resting);
  return [...working, ...logs.filter(({ health }) => health.resting)];
}

class Append {
  readonly #entry: Uint8Array;
  readonly #waiting: Member[];
  readonly #options: LogSetOptions;
  readonly #answer = Promise.withResolvers<Uint8Array>();
  /** Asked, and neither answered nor given up. */
  readonly #asked = new Set<Member>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #settled = false;

  constructor(entry: Uint8Array, logs: Member[], options: LogSetOptions) {
    this.#entry = entry;
    this.#waiting = logs;
    this.#options = options;
  }

  run(): Promise<Uint8Array> {
    this.#after(this.#options.budgetMs ?? 250, () => this.#giveUp());
    this.#askNext();
    return this.#answer.promise;
  }

  #askNext(): void {
    const log = this.#waiting.shift();
    if (log === undefined) return;
    this.#asked.add(log);
    if (this.#waiting.length > 0) {
      this.#after(this.#options.patienceMs ?? 100, () => {
        if (!this.#asked.has(log)) return;
        log.health.failed();
        this.#askNext();
      });
    }
    log.append(this.#entry).then(
      (receipt) => this.#succeed(log, receipt),
      (error: unknown) => this.#fail(log, error),
    );
  }

  #succeed(log: Member, receipt: Uint8Array): void {
    log.health.worked();
    this.#asked.delete(log);
    if (this.#settled) return;
    this.#settle();
    this.#answer.resolve(receipt);
  }

  #fail(log: Member, error: unknown): void {
    const code = isCodedError(error) ? error.code : 'unknown';
    if (code !== 'entry_malformed') log.health.failed();
    this.#asked.delete(log);
    if (this.#settled) return;
    if (!NOT_LOGGED.has(code)) this.#options.onDoubt?.(this.#entry, log.origin);
    if (this.#waiting.length > 0) this.#askNext();
    else if (this.#asked.size === 0) {
      this.#settle();
      this.#answer.reject(error);
    }
  }

  #giveUp(): void {
    for (const log of this.#asked) log.health.failed();
    this.#settle();
    this.#answer.reject(
      new CodedError('peer_timeout', 'No log answered in time; try again shortly.', {
        retryAfterSeconds: 1,
      }),
    );
  }

  /** Whoever is still asked may have logged it. */
  #settle(): void {
    this.#settled = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const { origin } of this.#asked) this.#options.onDoubt?.(this.#entry, origin);
  }

  /** One turn of the loop later than due: an answer that has arrived meanwhile is read before. */
  #after(delayMs: number, act: () => void): void {
    const timer = setTimeout(() => {
      setImmediate(() => {
        if (!this.#settled) act();
      });
    }, delayMs);
    this.#timers.add(timer);
  }
}

function foreign(): CodedError {
  return new CodedError('receipt_foreign', 'A log answered with the receipt of another.', {
    retryAfterSeconds: 1,
  });
}
