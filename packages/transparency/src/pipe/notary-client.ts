// The rest of the house's view of the notary: typed questions over a pipe to a process that alone
// holds the log's keys.

import type { PipeClient } from '@countersign/pipe';
import { utf8 } from '@countersign/verifier';
import type { LogStatus } from '../log/transparency-log.ts';
import type { NotaryKeys } from './answer-requests.ts';
import {
  decodeHeadText,
  decodePage,
  decodeSizes,
  decodeStrings,
  type EntryPage,
  encodeHeadText,
  encodeRange,
  encodeStrings,
  type LogSizes,
  NOTARY_OP,
} from './notary-ops.ts';

/** A checkpoint as the log signed it. */
export interface SignedHead {
  /** Tells heads apart; grows, also across restarts. */
  sequence: number;
  note: string;
}

export interface NotaryClient {
  /**
   * Logs one leaf entry; when it resolves with the receipt (bytes), the entry is durable.
   * @throws CodedError `entry_malformed`, `clock_skew`; with `retryAfterSeconds` `busy`,
   *   `log_full`, `log_stopped`, `peer_gone`, `peer_timeout` (after the last three the entry may
   *   be in the log, which harms nobody)
   */
  append(entry: Uint8Array): Promise<Uint8Array>;
  /**
   * Logs up to 4,096 entries, none when one is refused. @throws CodedError as `append`; `log_stopped`
   *   also when a disk ran full in their midst
   */
  appendMany(entries: readonly Uint8Array[]): Promise<Uint8Array[]>;
  keys(): Promise<NotaryKeys>;
  size(): Promise<LogSizes>;
  /** Durable entries from an index on, at most `limit` and 4,096; may be fewer before the end. */
  readEntries(fromIndex: number, limit: number): Promise<EntryPage>;
  /** Signs one line of JSON as the verifier feed. @throws CodedError `feed_malformed` */
  signFeed(json: string): Promise<string>;
  status(): Promise<LogStatus>;
  /** The checkpoint signed last, perhaps not shown yet; undefined when it is the one known. */
  nextHead(knownSequence: number): Promise<SignedHead | undefined>;
  /** Shows that checkpoint with signature lines of witnesses, unless there is a newer one by now. */
  showCosigned(sequence: number, lines: string): Promise<void>;
  /**
   * Holds the log to a checkpoint that a witness has, which only counts when the log signed it.
   * @throws CodedError `rollback` or `log_forked`: the log has stopped and will not open again until
   *   it is restored; `request_malformed` when it is no checkpoint of this log
   */
  checkWitnessed(note: string): Promise<void>;
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
    nextHead: async (knownSequence) => {
      const known = encodeHeadText({ sequence: knownSequence, text: '' });
      const { sequence, text } = decodeHeadText(await ask(NOTARY_OP.nextHead, known));
      return text === '' ? undefined : { sequence, note: text };
    },
    showCosigned: async (sequence, lines) => {
      await ask(NOTARY_OP.showCosigned, encodeHeadText({ sequence, text: lines }));
    },
    checkWitnessed: async (note) => {
      await ask(NOTARY_OP.checkWitnessed, utf8(note));
    },
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
