// The parent's side of a pipe: numbered requests, answers in any order, a bound on what may be in
// flight, and one deadline sweep instead of a timer for each request.

import type { Readable, Writable } from 'node:stream';
import { CodedError } from '@countersign/vocabulary';
import { ANSWER_OK, errorFrom } from './answer.ts';
import { encodeFrame, type Frame, FrameReader } from './frame.ts';

/** Closed codes of this room. The other process's own refusals pass through with their codes. */
export type PipeRefusal = 'peer_gone' | 'peer_timeout' | 'busy' | 'bad_frame';

export interface PipeClient {
  /**
   * Asks the other process and waits for its answer.
   * Refusals come by the promise, all of them.
   * @throws CodedError `bad_frame` (the body is too long), `busy` (too much in flight), `peer_gone`,
   *   `peer_timeout` (the last three with `retryAfterSeconds`; after the last two the request may or may
   *   not have been carried out), or whatever code the other process refused with.
   */
  request(op: number, body: Uint8Array): Promise<Uint8Array>;
  /** Fails everything in flight with `peer_gone` and takes no more. */
  close(): void;
}

export interface ConnectPipeOptions {
  readable: Readable;
  writable: Writable;
  /** Requests without an answer yet; more are refused with `busy`. Default 8192. */
  maxInFlight?: number;
  /** Bytes that the other process has not taken yet; more are refused with `busy`. Default 32 MiB. */
  maxUnsentBytes?: number;
  /** Default 10,000. */
  timeoutMs?: number;
  onClosed?: (reason: CodedError<PipeRefusal>) => void;
}

interface Waiting {
  resolve(body: Uint8Array): void;
  reject(error: CodedError): void;
  deadlineMs: number;
}

const SWEEP_MS = 250;
const MOST_UNSENT_BYTES = 32 * 1024 * 1024;
/** Longest that requests are held back to travel together. */
const LONGEST_HOLD_MS = 2;
/**
 * So many do not wait for more: they share a flush of the disk well enough, and the other process begins
 * with them while this one, on another core, still makes the next.
 */
const MOST_HELD = 64;
const LAST_ID = 0xffff_ffff;

export function connectPipe(options: ConnectPipeOptions): PipeClient {
  return new StreamPipeClient(options);
}

class StreamPipeClient implements PipeClient {
  readonly #writable: Writable;
  readonly #maxInFlight: number;
  readonly #maxUnsentBytes: number;
  readonly #timeoutMs: number;
  readonly #onClosed: ((reason: CodedError<PipeRefusal>) => void) | undefined;
  readonly #waiting = new Map<number, Waiting>();
  readonly #sweep: NodeJS.Timeout;
  #nextId = 1;
  #outgoing: Buffer[] = [];
  /** A batch was sent and nothing has come back since. */
  #peerIsBusy = false;
  #hold: NodeJS.Timeout | undefined;
  #closedBy: CodedError<PipeRefusal> | undefined;

  constructor(options: ConnectPipeOptions) {
    this.#writable = options.writable;
    this.#maxInFlight = options.maxInFlight ?? 8192;
    this.#maxUnsentBytes = options.maxUnsentBytes ?? MOST_UNSENT_BYTES;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#onClosed = options.onClosed;
    const reader = new FrameReader();
    options.readable.on('data', (chunk: Buffer) => {
      try {
        for (const frame of reader.push(chunk)) this.#settle(frame);
      } catch (error) {
        this.#fail(
          new CodedError('bad_frame', 'The other process broke the framing.', {
            cause: error,
            retryAfterSeconds: 1,
          }),
        );
      }
    });
    for (const stream of [options.readable, options.writable]) {
      stream.on('error', (error) => this.#fail(gone(error)));
      stream.on('close', () => this.#fail(gone()));
    }
    options.readable.on('end', () => this.#fail(gone()));
    this.#sweep = setInterval(() => this.#expire(), SWEEP_MS);
    this.#sweep.unref();
  }

  request(op: number, body: Uint8Array): Promise<Uint8Array> {
    if (this.#closedBy !== undefined) return Promise.reject(this.#closedBy);
    const unsent = this.#writable.writableLength >= this.#maxUnsentBytes;
    if (unsent || this.#waiting.size >= this.#maxInFlight) {
      return Promise.reject(
        new CodedError('busy', 'Too many requests are in flight; try again.', {
          retryAfterSeconds: 1,
        }),
      );
    }
    const id = this.#takeId();
    return new Promise((resolve, reject) => {
      const frame = encodeFrame({ id, op, body });
      this.#waiting.set(id, { resolve, reject, deadlineMs: performance.now() + this.#timeoutMs });
      this.#send(frame);
    });
  }

  close(): void {
    this.#fail(new CodedError('peer_gone', 'The connection was closed.', { retryAfterSeconds: 1 }));
    this.#writable.end();
  }

  #takeId(): number {
    do this.#nextId = this.#nextId >= LAST_ID ? 1 : this.#nextId + 1;
    while (this.#waiting.has(this.#nextId));
    return this.#nextId;
  }

  /**
   * Requests that come while the other process works on a batch leave together when it answers: it
   * would not have looked at them sooner, and pays for its disk and its signatures once a batch.
   * They are not held for long, because one slow request must not stop the others.
   */
  #send(frame: Buffer): void {
    this.#outgoing.push(frame);
    if (this.#outgoing.length >= MOST_HELD) this.#flush();
    else if (this.#outgoing.length > 1) return;
    else if (this.#peerIsBusy) this.#hold = setTimeout(() => this.#flush(), LONGEST_HOLD_MS);
    else setImmediate(() => this.#flush());
  }

  #flush(): void {
    clearTimeout(this.#hold);
    const frames = this.#outgoing;
    this.#outgoing = [];
    if (frames.length === 0 || this.#closedBy !== undefined) return;
    this.#peerIsBusy = true;
    this.#writable.write(frames.length === 1 ? frames[0] : Buffer.concat(frames));
  }

  #answered(): void {
    if (!this.#peerIsBusy) return;
    this.#peerIsBusy = false;
    if (this.#outgoing.length > 0) setImmediate(() => this.#flush());
  }

  #settle({ id, op, body }: Frame): void {
    this.#answered();
    const waiting = this.#waiting.get(id);
    // An answer after its deadline: the asker has already been told that the outcome is unknown.
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    if (op === ANSWER_OK) waiting.resolve(body);
    else waiting.reject(errorFrom({ op, body }));
  }

  #expire(): void {
    const nowMs = performance.now();
    for (const [id, waiting] of this.#waiting) {
      // Ids are handed out in order and all wait equally long: the first that is in time ends it.
      if (waiting.deadlineMs > nowMs) break;
      this.#waiting.delete(id);
      waiting.reject(
        new CodedError('peer_timeout', 'The other process did not answer in time.', {
          retryAfterSeconds: 1,
        }),
      );
    }
  }

  #fail(reason: CodedError<PipeRefusal>): void {
    if (this.#closedBy !== undefined) return;
    this.#closedBy = reason;
    clearInterval(this.#sweep);
    clearTimeout(this.#hold);
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(reason);
    this.#onClosed?.(reason);
  }
}

function gone(cause?: unknown): CodedError<PipeRefusal> {
  return new CodedError('peer_gone', 'The other process is not there; it is being restarted.', {
    cause,
    retryAfterSeconds: 1,
  });
}
