// The child's side: gathers every request that arrived in one turn of the loop into one batch, so
// that a signer or notary pays one fsync for all of them, and writes their answers in few pieces.

import type { Readable, Writable } from 'node:stream';
import { ANSWER_OK, answerFor } from './answer.ts';
import { encodeFrame, FrameReader } from './frame.ts';

/** Requests handed to `onBatch` at once; the rest wait for the next turn. */
export const MAX_BATCH_REQUESTS = 4096;
/** So many answers leave at once: whoever asked goes on with them while the rest of a batch is made. */
const MOST_GATHERED = 64;

export interface PipeRequest {
  readonly op: number;
  readonly body: Uint8Array;
  /** Who asks, where the connection proves it; see `ServePipeOptions`. */
  readonly caller?: string | undefined;
  /** Answers once; a second answer to the same request is a bug and throws. */
  reply(body: Uint8Array): void;
  /** Refuses with the error's code when it is a CodedError, else with `internal_error`. */
  refuse(error: unknown): void;
}

export interface ServePipeOptions {
  input: Readable;
  output: Writable;
  /** Called with at least one request; may answer later, each request on its own. */
  onBatch(requests: PipeRequest[]): void;
  /** The parent closed its end or broke the framing: finish and leave. */
  onEnd(error?: unknown): void;
  /** Who is at the other end, if that is known: handed on with each request. */
  caller?: string;
  /** Longest frame to take. Default and most `MAX_FRAME_BYTES`. */
  maxFrameBytes?: number;
  /** Requests without an answer above which no more are read. Default: as many as come. */
  maxUnanswered?: number;
  /** Bytes of requests without an answer above which no more are read. Default: as many as come. */
  maxUnansweredBytes?: number;
}

/** Starts to serve; returns at once. */
export function servePipe(options: ServePipeOptions): void {
  const { input, output, onBatch, onEnd } = options;
  const reader = new FrameReader(options.maxFrameBytes);
  const answers = new AnswerWriter(options);
  let waiting: PipeRequest[] = [];
  let scheduled = false;

  const runBatch = (): void => {
    scheduled = false;
    const batch = waiting.splice(0, MAX_BATCH_REQUESTS);
    if (waiting.length > 0) schedule();
    onBatch(batch);
    answers.flush();
  };
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(runBatch);
  };

  input.on('data', (chunk: Buffer) => {
    try {
      for (const frame of reader.push(chunk))
        waiting.push(answers.request(frame.id, frame.op, frame.body));
    } catch (error) {
      waiting = [];
      input.destroy();
      onEnd(error);
      return;
    }
    if (waiting.length > 0) schedule();
  });
  input.on('end', () => onEnd());
  input.on('error', (error) => onEnd(error));
  output.on('error', (error) => onEnd(error));
}

/** Collects answers and writes them together; stops reading while the parent does not take them. */
class AnswerWriter {
  readonly #output: Writable;
  readonly #input: Readable;
  readonly #maxUnanswered: number;
  readonly #maxUnansweredBytes: number;
  readonly #caller: string | undefined;
  #frames: Buffer[] = [];
  #unanswered = 0;
  #unansweredBytes = 0;
  #scheduled = false;
  #draining = false;

  constructor(options: ServePipeOptions) {
    this.#output = options.output;
    this.#input = options.input;
    this.#maxUnanswered = options.maxUnanswered ?? Number.POSITIVE_INFINITY;
    this.#maxUnansweredBytes = options.maxUnansweredBytes ?? Number.POSITIVE_INFINITY;
    this.#caller = options.caller;
  }

  request(id: number, op: number, body: Uint8Array): PipeRequest {
    let answered = false;
    this.#unanswered += 1;
    this.#unansweredBytes += body.length;
    this.#readOrWait();
    const answer = (answerOp: number, answerBody: Uint8Array): void => {
      if (answered) throw new Error('A request was answered twice.');
      // First: what is too long for a frame is no answer, and can still be refused.
      const frame = encodeFrame({ id, op: answerOp, body: answerBody });
      answered = true;
      this.#unanswered -= 1;
      this.#unansweredBytes -= body.length;
      this.#frames.push(frame);
      if (this.#frames.length >= MOST_GATHERED) this.flush();
      else this.#schedule();
    };
    return {
      op,
      body,
      caller: this.#caller,
      reply: (replyBody) => answer(ANSWER_OK, replyBody),
      refuse: (error) => {
        const refusal = answerFor(error);
        answer(refusal.op, refusal.body);
      },
    };
  }

  /** Answers given after their batch returned still go out, at the end of that turn. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  flush(): void {
    if (this.#frames.length === 0) return;
    const bytes =
      this.#frames.length === 1 ? (this.#frames[0] as Buffer) : Buffer.concat(this.#frames);
    this.#frames = [];
    if (!this.#output.write(bytes) && !this.#draining) {
      this.#draining = true;
      this.#output.once('drain', () => {
        this.#draining = false;
        this.#readOrWait();
      });
    }
    this.#readOrWait();
  }

  #readOrWait(): void {
    const wait =
      this.#draining ||
      this.#unanswered >= this.#maxUnanswered ||
      this.#unansweredBytes >= this.#maxUnansweredBytes;
    if (wait === this.#input.isPaused()) return;
    if (wait) this.#input.pause();
    else this.#input.resume();
  }
}
