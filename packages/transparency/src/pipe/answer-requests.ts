// The notary's side of its pipe: each op is checked, carried out on the log, and answered with its
// result or a closed code. Nothing a caller sends can do more than these ten things.

import { FormatError, utf8 } from '@countersign/verifier';
import type { TransparencyLog } from '../log/transparency-log.ts';
import { refusal } from '../transparency-error.ts';
import {
  decodeHeadText,
  decodeNoteText,
  decodeRange,
  decodeStrings,
  encodeHeadText,
  encodePage,
  encodeSizes,
  encodeStrings,
  MAX_STRINGS,
  NOTARY_OP,
} from './notary-ops.ts';

const NOTHING = new Uint8Array(0);

/** The part of a pipe's request that is used here. */
export interface NotaryRequest {
  readonly op: number;
  readonly body: Uint8Array;
  reply(body: Uint8Array): void;
  refuse(error: unknown): void;
}

/** Answers each request; those that arrived together become one group of the log. */
export function answerRequests(log: TransparencyLog, requests: readonly NotaryRequest[]): void {
  for (const request of requests) {
    answer(log, request).then(
      (body) => request.reply(body),
      (error) => request.refuse(asRefusal(error)),
    );
  }
}

async function answer(log: TransparencyLog, { op, body }: NotaryRequest): Promise<Uint8Array> {
  switch (op) {
    case NOTARY_OP.append:
      return log.append(body);
    case NOTARY_OP.appendMany:
      return encodeStrings(await log.appendMany(atMost(decodeStrings(body))));
    case NOTARY_OP.keys:
      return json(publicKeys(log));
    case NOTARY_OP.size:
      return encodeSizes(log);
    case NOTARY_OP.readEntries: {
      const { fromIndex, limit } = decodeRange(body);
      const entries = await log.readEntries(fromIndex, limit);
      return encodePage({ entries, durableSize: log.durableSize });
    }
    case NOTARY_OP.signFeed:
      return utf8(log.signFeed(decodeText(body)));
    case NOTARY_OP.status:
      return json(log.status());
    case NOTARY_OP.nextHead: {
      const { sequence, note } = log.cosigning.head;
      const known = decodeHeadText(body).sequence;
      return encodeHeadText({ sequence, text: known === sequence ? '' : note });
    }
    case NOTARY_OP.showCosigned: {
      const { sequence, text } = decodeHeadText(body);
      await log.cosigning.show(sequence, text);
      return NOTHING;
    }
    case NOTARY_OP.checkWitnessed:
      await log.cosigning.check(decodeNoteText(body));
      return NOTHING;
    default:
      throw refusal('request_malformed', 'The notary does not know this request.');
  }
}

/** What the rest of the house needs to know of the log: its name and how to check its word. */
export interface NotaryKeys {
  origin: string;
  receiptKey: string;
  checkpointKey: string;
  /** Beside `checkpointKey`; absent for logs made before it was signed with. */
  checkpointMlDsa44Key?: string;
  feedKey: string;
}

function publicKeys({ identity }: TransparencyLog): NotaryKeys {
  const { origin, keys } = identity;
  return {
    origin,
    receiptKey: keys.receipt,
    checkpointKey: keys.checkpoint,
    feedKey: keys.feed,
    ...(keys.checkpointMlDsa44 === undefined
      ? {}
      : { checkpointMlDsa44Key: keys.checkpointMlDsa44 }),
  };
}

function atMost(strings: Uint8Array[]): Uint8Array[] {
  if (strings.length <= MAX_STRINGS) return strings;
  throw refusal('request_malformed', `At most ${MAX_STRINGS} entries go into one request.`);
}

function decodeText(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch (cause) {
    throw refusal('feed_malformed', 'A feed is UTF-8 text.', { cause });
  }
}

function json(value: unknown): Uint8Array {
  return utf8(JSON.stringify(value));
}

function asRefusal(error: unknown): unknown {
  if (!(error instanceof FormatError)) return error;
  return refusal('request_malformed', error.message, { cause: error });
}
