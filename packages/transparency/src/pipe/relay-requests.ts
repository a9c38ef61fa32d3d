// Between callers on other hosts and the confined notary: passes requests on, appends of one turn
// as one, and answers an append that was sent again with the receipt the first one got. It cannot
// lie about receipts, which the notary signs; what it remembers is lost with it and costs a twin.

import type { PipeClient } from '@countersign/pipe';
import { isCodedError } from '@countersign/vocabulary';
import { MAX_ENTRY_BYTES } from '../wal/group-record.ts';
import type { NotaryRequest } from './answer-requests.ts';
import { decodeStrings, encodeStrings, MAX_STRINGS, NOTARY_OP } from './notary-ops.ts';

export interface RelayOptions {
  notary: Pick<PipeClient, 'request'>;
  /**
   * Receipts remembered for appends that are sent again. Default 65,536: the last seconds of a busy
   * log, and about 20 MB.
   */
  mostRemembered?: number;
}

interface Append {
  entry: Uint8Array;
  resolve(receipt: Uint8Array): void;
  reject(error: unknown): void;
}

/** What answers the requests that arrived together at the door. */
export function createRelay(options: RelayOptions): (requests: readonly NotaryRequest[]) => void {
  const relay = new Relay(options);
  return (requests) => relay.answer(requests);
}

class Relay {
  readonly #notary: RelayOptions['notary'];
  readonly #mostRemembered: number;
  /** By the entry's bytes: its durable receipt. */
  readonly #receipts = new Map<string, Uint8Array>();
  /** The names of those in a ring, oldest at `#next`: to ask a large Map for its first takes long. */
  readonly #names: string[] = [];
  #next = 0;
  readonly #underWay = new Map<string, Promise<Uint8Array>>();

  constructor({ notary, mostRemembered = 65_536 }: RelayOptions) {
    this.#notary = notary;
    this.#mostRemembered = mostRemembered;
  }

  answer(requests: readonly NotaryRequest[]): void {
    const appends: Append[] = [];
    for (const request of requests) {
      // What is too long for an entry is refused by the notary, and must not get into a batch.
      const mayBeEntry = request.body.length <= MAX_ENTRY_BYTES;
      const answer =
        request.op === NOTARY_OP.append && mayBeEntry
          ? this.#append(request.body, appends)
          : this.#notary.request(request.op, request.body);
      if (answer instanceof Uint8Array) request.reply(answer);
      else
        answer.then(
          (body) => request.reply(body),
          (error: unknown) => request.refuse(error),
        );
    }
    for (let from = 0; from < appends.length; from += MAX_STRINGS)
      this.#send(appends.slice(from, from + MAX_STRINGS));
  }

  /** The receipt, or the promise of it; a new entry is put on the list of those to send. */
  #append(entry: Uint8Array, appends: Append[]): Uint8Array | Promise<Uint8Array> {
    const name = Buffer.from(entry.buffer, entry.byteOffset, entry.byteLength).toString('latin1');
    const known = this.#receipts.get(name) ?? this.#underWay.get(name);
    if (known !== undefined) return known;
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    this.#underWay.set(name, promise);
    appends.push({
      entry,
      resolve: (receipt) => {
        this.#underWay.delete(name);
        this.#remember(name, receipt);
        resolve(receipt);
      },
      reject: (error) => {
        this.#underWay.delete(name);
        reject(error);
      },
    });
    return promise;
  }

  #remember(name: string, receipt: Uint8Array): void {
    const oldest = this.#names[this.#next];
    if (oldest !== undefined) this.#receipts.delete(oldest);
    this.#receipts.set(name, receipt);
    this.#names[this.#next] = name;
    this.#next = (this.#next + 1) % this.#mostRemembered;
  }

  #send(appends: readonly Append[]): void {
    const [only] = appends;
    if (only === undefined) return;
    if (appends.length === 1) {
      this.#notary.request(NOTARY_OP.append, only.entry).then(only.resolve, only.reject);
      return;
    }
    this.#notary
      .request(NOTARY_OP.appendMany, encodeStrings(appends.map(({ entry }) => entry)))
      .then(decodeStrings)
      .then(
        (receipts) => {
          appends.forEach(({ resolve }, at) => {
            resolve(receipts[at] as Uint8Array);
          });
        },
        (error: unknown) => this.#refuse(appends, error),
      );
  }

  /** Nothing of a malformed batch was logged: each is asked for alone, so that one spoils no other. */
  #refuse(appends: readonly Append[], error: unknown): void {
    const forGood = isCodedError(error) && error.retryAfterSeconds === undefined;
    for (const append of appends) {
      if (forGood) this.#send([append]);
      else append.reject(error);
    }
  }
}
