// The rest of the house's view of the notary: typed questions over a pipe to a process that alone
// holds the log's keys.

import type { PipeClient } from '@countersign/pipe';
import { utf8 } from '@countersign/verifier';
import type { LogStatus } from '../log/transparency-log.ts';
import type { NotaryKeys } from './answer-requests.ts';
import {
  decodePage,
  decodeSizes,
  decodeStrings,
  type EntryPage,
  encodeRange,
  encodeStrings,
  type LogSizes,
  NOTARY_OP,
} from './notary-ops.ts';

export interface NotaryClient {
  /**
   * Logs one leaf entry; when it resolves with the receipt (bytes), the entry is durable.
   * @throws CodedError `entry_malformed`, `clock_skew`; with `retryAfterSeconds` `busy`,
   *   `log_full`, `log_stopped`, `peer_gone`, `peer_timeout` (after the last three the entry may
   *   be in the log, which harms nobody)
   */
  append(entry: Uint8Array): Promise<Uint8Array>;
  /** Logs up to 4,096 entries, all or, when one is refused, none. */
  appendMany(entries: readonly Uint8Array[]): Promise<Uint8Array[]>;
  keys(): Promise<NotaryKeys>;
  size(): Promise<LogSizes>;
  /** Durable entries from an index on, at most `limit` and 4,096; may be fewer before the end. */
  readEntries(fromIndex: number, limit: number): Promise<EntryPage>;
  /** Signs one line of JSON as the verifier feed. @throws CodedError `feed_malformed` */
  signFeed(json: string): Promise<string>;
  status(): Promise<LogStatus>;
  /** Resolves when the notary has opened its log and answers. */
  ready(): Promise<void>;
  close(): void;
}

export function createNotaryClient(pipe: PipeClient): NotaryClient {
  const ask = (op: number, body: Uint8Array = new Uint8Array(0)): Promise<Uint8Array> =>
    pipe.request(op, body);
  const client: NotaryClient = {
    append: (entry) => ask(NOTARY_OP.append, entry),
    appendMany: async (entries) =>
      decodeStrings(await ask(NOTARY_OP.appendMany, encodeStrings(entries))),
    keys: async () => parseJson<NotaryKeys>(await ask(NOTARY_OP.keys)),
    size: async () => decodeSizes(await ask(NOTARY_OP.size)),
    readEntries: async (fromIndex, limit) =>
      decodePage(await ask(NOTARY_OP.readEntries, encodeRange({ fromIndex, limit }))),
    signFeed: async (json) => Buffer.from(await ask(NOTARY_OP.signFeed, utf8(json))).toString(),
    status: async () => parseJson<LogStatus>(await ask(NOTARY_OP.status)),
    ready: async () => {
      await ask(NOTARY_OP.size);
    },
    close: () => pipe.close(),
  };
  return client;
}

/** The notary is our own process, started by us: its JSON has the shape that this room gave it. */
function parseJson<Shape>(bytes: Uint8Array): Shape {
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as Shape;
}
