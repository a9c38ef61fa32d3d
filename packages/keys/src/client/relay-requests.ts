// Between callers on other hosts and the confined signer: passes requests on, and sees to it that a
// request to sign which is sent again, after a lost connection say, is signed and numbered once. It
// holds no key; what it remembers is lost with it, and so are its sessions: nothing is signed twice.

import type { PipeClient, PipeRequest } from '@countersign/pipe';
import { CodedError, type Random, systemRandom } from '@countersign/vocabulary';
import { signerRefusal } from '../keys-error.ts';
import { encodeForCaller, SIGNER_OP } from './messages.ts';
import { decodeTicketed, RELAY_OP, SESSION_BYTES } from './relay-messages.ts';
import { type RelayRefusal, RelaySession } from './relay-session.ts';

export interface SignerRelayOptions {
  /** The way to the signer. */
  signer: Pick<PipeClient, 'request'>;
  /**
   * Requests of a session that are remembered. Default 16,384: twice of what a connection may leave
   * unanswered, and about 10 MB.
   */
  window?: number;
  /**
   * Sessions remembered; one more and the one asked longest ago is forgotten. An issuer needs one.
   * Default 16.
   */
  mostSessions?: number;
  random?: Random;
}

/** What answers the requests that arrived together at the door. */
export function createSignerRelay(
  options: SignerRelayOptions,
): (requests: readonly PipeRequest[]) => void {
  const relay = new SignerRelay(options);
  return (requests) => {
    // One after the other, in this turn: what they send on leaves as one batch.
    for (const request of requests) {
      relay.answer(request).then(
        (body) => request.reply(body),
        (error: unknown) => request.refuse(error),
      );
    }
  };
}

class SignerRelay {
  readonly #signer: SignerRelayOptions['signer'];
  readonly #window: number;
  readonly #mostSessions: number;
  readonly #random: Random;
  /** By their bytes; the one asked longest ago first. */
  readonly #sessions = new Map<string, RelaySession>();

  constructor(options: SignerRelayOptions) {
    const { signer, window = 16_384, mostSessions = 16, random = systemRandom } = options;
    this.#signer = signer;
    this.#window = window;
    this.#mostSessions = mostSessions;
    this.#random = random;
  }

  async answer({
    op,
    body,
    caller,
  }: Pick<PipeRequest, 'op' | 'body' | 'caller'>): Promise<Uint8Array> {
    if (op === RELAY_OP.openSession) return this.#openSession();
    if (op === RELAY_OP.signOnce) return this.#signOnce(body);
    if (op === SIGNER_OP.sign) {
      const message = 'From another host a signature is asked for with a session and a number.';
      throw signerRefusal('request_malformed', message);
    }
    // Who asks is the door's to say, by the certificate, and not the caller's.
    if (op === SIGNER_OP.forCaller) {
      throw signerRefusal('request_malformed', 'Who asks is known by the certificate.');
    }
    if (caller === undefined) return this.#signer.request(op, body);
    const named = encodeForCaller({ op, caller: `certificate ${caller}`, body });
    return this.#signer.request(SIGNER_OP.forCaller, named);
  }

  #openSession(): Uint8Array {
    const session = this.#random.bytes(SESSION_BYTES);
    this.#sessions.set(nameOf(session), new RelaySession(this.#window));
    if (this.#sessions.size > this.#mostSessions) {
      const [oldest] = this.#sessions.keys();
      this.#sessions.delete(oldest as string);
    }
    return session;
  }

  #signOnce(body: Uint8Array): Promise<Uint8Array> {
    const { session, sequence, request } = decodeTicketed(body);
    const name = nameOf(session);
    const known = this.#sessions.get(name);
    if (known === undefined) throw sessionUnknown();
    this.#sessions.delete(name);
    this.#sessions.set(name, known);
    return known.once(sequence, request, (bytes) => this.#signer.request(SIGNER_OP.sign, bytes));
  }
}

function nameOf(session: Uint8Array): string {
  return Buffer.from(session.buffer, session.byteOffset, session.byteLength).toString('latin1');
}

function sessionUnknown(): CodedError<RelayRefusal> {
  return new CodedError('session_unknown', 'This relay does not know the session; open another.', {
    retryAfterSeconds: 1,
  });
}
