// The asking end of the way to a signer on another host: gives each request to sign its session and
// number, and sends it again when the connection was lost, because the relay there signs it once. Of
// whatever it cannot know to be signed at most once it says that the outcome is unknown.

import type { PipeClient } from '@countersign/pipe';
import { CodedError, isCodedError } from '@countersign/vocabulary';
import { SIGNER_OP } from './messages.ts';
import { encodeTicketed, RELAY_OP, SESSION_BYTES, type Ticket } from './relay-messages.ts';
import type { RelayRefusal } from './relay-session.ts';

export interface RelayedOptions {
  /** The connection; it comes back by itself when it is lost. */
  peer: PipeClient & { readonly connected?: boolean };
  /** Time in which a request to sign is answered or given up. Default 5,000. */
  deadlineMs?: number;
  /** Pause before it is sent again; doubles up to `maxPauseMs`. Default 20. */
  minPauseMs?: number;
  /** Default 200. */
  maxPauseMs?: number;
}

/** Codes with which a connection says that nobody can tell what became of a request. */
const LOST: ReadonlySet<string> = new Set(['peer_gone', 'peer_timeout', 'bad_frame']);
/** What a relay says that cannot tell either. */
const UNKNOWN: ReadonlySet<string> = new Set<RelayRefusal>(['session_unknown', 'outcome_unknown']);

/** A pipe to the signer behind a relay: for `createSignerClient`. Closing it closes the connection. */
export function connectRelay(options: RelayedOptions): PipeClient {
  const tickets = new TicketBook(options.peer);
  return {
    request: (op, body) =>
      op === SIGNER_OP.sign
        ? new SignOnce(options, tickets, body).run()
        : options.peer.request(op, body),
    close: () => options.peer.close(),
  };
}

/** Numbers for requests, in the session that the relay gave out last. */
class TicketBook {
  readonly #peer: PipeClient;
  #session: Promise<Uint8Array> | undefined;
  #sequence = 0;

  constructor(peer: PipeClient) {
    this.#peer = peer;
  }

  async take(): Promise<Ticket> {
    this.#session ??= this.#open();
    const session = await this.#session;
    this.#sequence += 1;
    return { session, sequence: this.#sequence };
  }

  /** The relay does not know it: the next one to ask opens another. */
  async forget(session: Uint8Array): Promise<void> {
    const opened = this.#session;
    // One that could not be opened is not this one; whoever takes a ticket hears why.
    if (opened === undefined || (await opened.catch(() => undefined)) !== session) return;
    if (this.#session === opened) this.#session = undefined;
  }

  #open(): Promise<Uint8Array> {
    const opening = this.#peer.request(RELAY_OP.openSession, new Uint8Array(0)).then((session) => {
      if (session.length === SESSION_BYTES) return session;
      throw new CodedError('bad_frame', 'The other host does not speak for a signer.');
    });
    // Whoever takes a ticket hears why; the next one to ask opens another.
    opening.catch(() => {
      if (this.#session === opening) this.#session = undefined;
    });
    return opening;
  }
}

/** One request to sign, until it is answered or given up. */
class SignOnce {
  readonly #options: RelayedOptions;
  readonly #tickets: TicketBook;
  readonly #body: Uint8Array;
  #ticket: Ticket | undefined;
  /** It was sent under its ticket, and no answer to that says what became of it. */
  #inDoubt = false;
  #over = false;

  constructor(options: RelayedOptions, tickets: TicketBook, body: Uint8Array) {
    this.#options = options;
    this.#tickets = tickets;
    this.#body = body;
  }

  async run(): Promise<Uint8Array> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      this.#over = true;
      late.reject(gaveUp());
    }, this.#options.deadlineMs ?? 5000);
    try {
      return await Promise.race([this.#untilAnswered(), late.promise]);
    } finally {
      this.#over = true;
      clearTimeout(timer);
    }
  }

  async #untilAnswered(): Promise<Uint8Array> {
    const { minPauseMs = 20, maxPauseMs = 200 } = this.#options;
    for (let pauseMs = minPauseMs; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
      try {
        return await this.#send();
      } catch (error) {
        if (!(await this.#mayAskAgain(error))) throw isUnknown(error) ? gaveUp(error) : error;
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      if (this.#over) throw gaveUp();
    }
  }

  async #send(): Promise<Uint8Array> {
    const { peer } = this.#options;
    // What cannot be sent is not in doubt, and takes no ticket of a session that may be gone.
    if (peer.connected === false) throw gaveUp();
    this.#ticket ??= await this.#tickets.take();
    const body = encodeTicketed(this.#ticket, this.#body);
    try {
      return await peer.request(RELAY_OP.signOnce, body);
    } catch (error) {
      if (isLost(error)) this.#inDoubt = true;
      throw error;
    }
  }

  /** False when the answer stays what it is, or when asking again might sign twice. */
  async #mayAskAgain(error: unknown): Promise<boolean> {
    if (isLost(error)) return true;
    if (!isCodedError(error) || error.code !== 'session_unknown') return false;
    const ticket = this.#ticket;
    if (ticket !== undefined) await this.#tickets.forget(ticket.session);
    this.#ticket = undefined;
    // A relay before this one may have had it signed.
    return !this.#inDoubt;
  }
}

/** What is too long to be sent has no `retryAfterSeconds`: it will not get shorter. */
function isLost(error: unknown): boolean {
  return isCodedError(error) && LOST.has(error.code) && error.retryAfterSeconds !== undefined;
}

function isUnknown(error: unknown): boolean {
  return isCodedError(error) && UNKNOWN.has(error.code);
}

function gaveUp(cause?: unknown): CodedError {
  return new CodedError('peer_gone', 'The signer on the other host does not answer.', {
    cause,
    retryAfterSeconds: 1,
  });
}
