// The child's side: gathers every request that arrived in one turn of the loop into one batch, so
// that a signer or notary pays one fsync for all of them, and writes their answers in one piece.

import type { Readable, Writable } from 'node:stream';
import { ANSWER_OK, answerFor } from './answer.ts';
import { encodeFrame, FrameReader } from './frame.ts';

/** Requests handed to `onBatch` at once; the rest wait for the next turn. */
export const MAX_BATCH_REQUESTS = 4096;

export interface PipeRequest {
  readonly op: number;
  readonly body: Uint8Array;
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
}

/** Starts to serve; returns at once. */
export function servePipe({ input, output, onBatch, onEnd }: ServePipeOptions): void {
  const reader = new FrameReader();
  const answers = new AnswerWriter(output, input);
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
  #frames: Buffer[] = [];
  #scheduled = false;

  constructor(output: Writable, input: Readable) {
    this.#output = output;
    this.#input = input;
  }

  request(id: number, op: number, body: Uint8Array): PipeRequest {
    let answered = false;
    const answer = (answerOp: number, answerBody: Uint8Array): void => {
      if (answered) throw new Error('A request was answered twice.');
      answered = true;
      this.#frames.push(encodeFrame({ id, op: answerOp, body: answerBody }));
      this.#schedule();
    };
    return {
      op,
      body,
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
    queueMicrotask(() => this.flush());
  }

  flush(): void {
    this.#scheduled = false;
    if (this.#frames.length === 0) return;
    const bytes =
      this.#frames.length === 1 ? (this.#frames[0] as Buffer) : Buffer.concat(this.#frames);
    this.#frames = [];
    if (!this.#output.write(bytes) && !this.#input.isPaused()) {
      this.#input.pause();
      this.#output.once('drain', () => this.#input.resume());
    }
  }
}
