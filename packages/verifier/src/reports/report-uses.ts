// Sends what the verifier decided to the issuer, in batches, so that uses can be compared with
// issues (control C-27: accepted ⊆ issued). Reporting never slows, fails or changes a verdict.

import { urlObjection } from '../http/allow-url.ts';
import { fetchBounded } from '../http/fetch-bounded.ts';
import type { FetchLike, TokenUse, UseReporter, VerifierClock } from '../ports.ts';
import { VerificationError } from '../refusal.ts';
import { UseBuffer, type WaitingUse } from './buffer-uses.ts';
import { bareUse } from './fit-use.ts';

export interface UseReporterOptions {
  /** `…/api/v1/uses`: https, or http on this machine. */
  url: string;
  /** Reporter credential, sent as Bearer; it can report and nothing else. */
  credential: string;
  /** Who reports: shown in the issuer's audit log. */
  verifier: { name: string; version: string };
  clock: VerifierClock;
  fetch?: FetchLike;
  /** Reports held while the receiver is away. Default 10,000. */
  maxUses?: number;
  /** Alarms held, apart from the reports. Default 256. */
  maxAlarms?: number;
  /** Longest wait of a report before it is sent; an alarm is sent at once. Default 1,000 ms. */
  delayMs?: number;
  /** Told of each failed sending. */
  onProblem?: (code: string, message: string) => void;
}

/** What the receiver takes at a time. */
const BATCH_USES = 500;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
const TIMEOUT_MS = 10_000;
const ANSWER_BYTES = 65_536;

type Timer = ReturnType<typeof setTimeout>;

/** @throws VerificationError `verifier_misconfigured` for a URL that may not be used */
export function createUseReporter(options: UseReporterOptions): UseReporter {
  const objection = urlObjection(options.url);
  if (objection !== undefined) {
    throw new VerificationError(
      'verifier_misconfigured',
      `The URL for use reports cannot be used. ${objection}`,
    );
  }
  return new BatchedReporter(options);
}

class BatchedReporter implements UseReporter {
  readonly #options: UseReporterOptions;
  readonly #buffer: UseBuffer;
  readonly #closing = new AbortController();
  #timer: Timer | undefined;
  #dueMs = 0;
  #sending: Promise<void> | undefined;
  #failures = 0;
  #batchUses = BATCH_USES;
  #droppedTold = 0;
  #throttled = 0;
  /** Names this process, so that what it lost is counted once however often it is told. */
  readonly #run = crypto.randomUUID();

  constructor(options: UseReporterOptions) {
    this.#options = options;
    this.#buffer = new UseBuffer({
      maxUses: options.maxUses ?? 10_000,
      maxAlarms: options.maxAlarms ?? 256,
    });
  }

  report(use: TokenUse): void {
    if (this.#closing.signal.aborted) return;
    this.#buffer.add(use, crypto.randomUUID());
    if (this.#failures > 0) return;
    const urgent = use.decision === 'audit_failed' || use.evidence !== undefined;
    const full = this.#buffer.size >= BATCH_USES;
    this.#schedule(urgent || full ? 0 : (this.#options.delayMs ?? 1_000));
  }

  flush(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  /** Tries once more to send what is left, then stops for good. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#sending;
    await this.flush();
    clearTimeout(this.#timer);
    this.#closing.abort();
  }

  #schedule(delayMs: number): void {
    const dueMs = this.#options.clock.nowMs() + delayMs;
    if (this.#timer !== undefined && this.#dueMs <= dueMs) return;
    clearTimeout(this.#timer);
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, delayMs);
    // Reporting does not keep a process alive that has nothing else to do.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  async #sendAll(): Promise<void> {
    while (this.#buffer.size > 0) {
      const batch = this.#buffer.peek(this.#batchUses);
      const outcome = await this.#deliver(batch);
      if (outcome === 'away') {
        const retryMs = Math.min(FIRST_RETRY_MS * 2 ** this.#failures, LONGEST_RETRY_MS);
        this.#failures = Math.min(this.#failures + 1, 16);
        this.#schedule(retryMs);
        return;
      }
      this.#failures = 0;
    }
  }

  /** Sends one batch and draws the consequences; `away` when it makes no sense to go on now. */
  async #deliver(batch: readonly WaitingUse[]): Promise<'done' | 'away'> {
    const status = await this.#send(batch);
    if (status >= 200 && status < 300) {
      this.#buffer.settle(batch, 'delivered');
      this.#batchUses = Math.min(BATCH_USES, this.#batchUses * 2);
      return 'done';
    }
    const [first, ...others] = batch;
    const faulty = status === 400 || status === 413 || status === 422;
    // Smaller batches find the one report that the receiver cannot take, refused or broken by it.
    if (faulty || status >= 500) this.#batchUses = Math.max(1, Math.floor(batch.length / 2));
    if (first !== undefined && others.length === 0) {
      if (status >= 500) this.#buffer.postpone(first);
      if (faulty) {
        const bare = await this.#send([bareUse(first)]);
        if (bare === 0) return 'away';
        this.#buffer.settle(batch, bare >= 200 && bare < 300 ? 'delivered' : 'lost');
      }
    }
    return faulty ? 'done' : 'away';
  }

  /** The receiver's status; 0 when it did not answer. */
  async #send(uses: readonly WaitingUse[]): Promise<number> {
    const { url, credential, verifier } = this.#options;
    const dropped = this.#buffer.dropped - this.#droppedTold;
    try {
      const answer = await fetchBounded(url, {
        fetch: this.#options.fetch ?? ((target, init) => fetch(target, init)),
        method: 'POST',
        timeoutMs: TIMEOUT_MS,
        maxBytes: ANSWER_BYTES,
        headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          verifier,
          uses,
          ...(dropped > 0 ? { dropped } : {}),
          sentMs: this.#options.clock.nowMs(),
          counts: this.#counts(),
        }),
        signal: this.#closing.signal,
      });
      const taken = answer.status >= 200 && answer.status < 300;
      if (taken) {
        this.#droppedTold += dropped;
        return answer.status;
      }
      if (answer.status === 429 || answer.status === 503) this.#throttled += 1;
      const message = `The receiver of use reports answered ${answer.status}.`;
      this.#problem(`status_${answer.status}`, message);
      return answer.status;
    } catch (error) {
      this.#problem('unreachable', error instanceof Error ? error.message : 'Unknown failure.');
      return 0;
    }
  }

  /** Since the start, so that a lost answer makes nothing count twice. */
  #counts(): { run: string; dropped: number; throttled: number } {
    return { run: this.#run, dropped: this.#buffer.dropped, throttled: this.#throttled };
  }

  #problem(code: string, message: string): void {
    this.#options.onProblem?.(code, message);
  }
}
