// The requests of one sender by their numbers: each is carried out at most once, whatever arrives
// twice, late or in another order. What is too old to be remembered is refused, not carried out, so
// that the memory may be bounded and the promise is not (as in the replay window of RFC 4303 §3.4.3).

import { hash } from 'node:crypto';
import { CodedError, isCodedError } from '@countersign/vocabulary';
import { signerRefusal } from '../keys-error.ts';

/** Refusals of the relay itself: of this arrival nothing was carried out. */
export type RelayRefusal =
  /** No request of this session was seen by this relay, or it has forgotten the session. */
  | 'session_unknown'
  /** It may have been signed, and its answer is not to be had any more. */
  | 'outcome_unknown';

interface Known {
  digest: string;
  answer: Promise<Uint8Array>;
}

/** Codes with which a pipe says that nobody can tell what became of a request. */
const LOST: ReadonlySet<string> = new Set(['peer_gone', 'peer_timeout', 'bad_frame']);

export class RelaySession {
  readonly #window: number;
  readonly #known = new Map<number, Known>();
  /** Numbers below are refused. */
  #from = 0;

  /** @param window numbers remembered, counted from the highest seen */
  constructor(window: number) {
    this.#window = window;
  }

  /**
   * The answer of the one time that this number is carried out, which is now if it is new.
   * @throws CodedError a `RelayRefusal`, `request_malformed` when the number was used for another
   *   request, or whatever the first time was refused with
   */
  once(
    sequence: number,
    request: Uint8Array,
    carryOut: (request: Uint8Array) => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    if (sequence < this.#from) return Promise.reject(outcomeUnknown());
    const digest = hash('sha256', request, 'base64');
    const known = this.#known.get(sequence);
    if (known !== undefined) return known.digest === digest ? known.answer : misused();
    this.#forgetBelow(sequence - this.#window + 1);
    const answer = carryOut(request).catch((error: unknown) => {
      const code = isCodedError(error) ? error.code : '';
      // Never sent, for want of room: it may be asked for again under the same number.
      if (code === 'busy') this.#known.delete(sequence);
      throw LOST.has(code) ? outcomeUnknown(error) : error;
    });
    this.#known.set(sequence, { digest, answer });
    return answer;
  }

  #forgetBelow(from: number): void {
    if (from <= this.#from) return;
    if (from - this.#from > this.#known.size) {
      for (const sequence of this.#known.keys()) if (sequence < from) this.#known.delete(sequence);
    } else {
      for (let sequence = this.#from; sequence < from; sequence += 1) this.#known.delete(sequence);
    }
    this.#from = from;
  }
}

function outcomeUnknown(cause?: unknown): CodedError<RelayRefusal> {
  return new CodedError('outcome_unknown', 'It may have been signed; the answer is lost.', {
    retryAfterSeconds: 1,
    cause,
  });
}

function misused(): Promise<never> {
  const message = 'This number of the session was used for another request.';
  return Promise.reject(signerRefusal('request_malformed', message));
}
