// The signer's side of the pipe: everything that arrived in one turn is one batch, so that many
// signatures share one durable write.

import type { Readable, Writable } from 'node:stream';
import { type PipeRequest, servePipe } from '@countersign/pipe';
import { signerRefusal } from '../keys-error.ts';
import { parseKeyScope } from '../scope/key-scope.ts';
import type { Signer, SignOutcome, SignRequest } from '../signing/signer.ts';
import {
  changeKeyRequestSchema,
  decodeJson,
  decodeSignRequest,
  encodeJson,
  encodeSignAnswer,
  ensureKeyRequestSchema,
  listKeysRequestSchema,
  makeKeyRequestSchema,
  readJournalRequestSchema,
  SIGNER_OP,
} from './messages.ts';

/** Keys of one answer: a frame holds 4 MiB, a key with the widest scope 150 KiB. */
const KEYS_ANSWER_BYTES = 1024 * 1024;

export interface ServeSignerOptions {
  input: Readable;
  output: Writable;
  signer: Signer;
  /** The parent left: finish. With an error: it broke the framing. */
  onEnd(error?: unknown): void;
  /** The journal's disk failed, so that nobody knows what it holds: the process must end. */
  onFatal(error: unknown): void;
}

/** Starts to serve; returns at once. */
export function serveSigner(options: ServeSignerOptions): void {
  const { input, output, signer, onEnd, onFatal } = options;
  servePipe({
    input,
    output,
    onEnd,
    onBatch: (requests) => {
      try {
        signAll(signer, requests);
      } catch (error) {
        onFatal(error);
        return;
      }
      for (const request of requests) {
        if (request.op !== SIGNER_OP.sign) void answer(signer, request);
      }
    },
  });
}

function signAll(signer: Signer, requests: readonly PipeRequest[]): void {
  const asked: { request: PipeRequest; sign: SignRequest }[] = [];
  for (const request of requests) {
    if (request.op !== SIGNER_OP.sign) continue;
    try {
      asked.push({ request, sign: decodeSignRequest(request.body) });
    } catch (error) {
      request.refuse(error);
    }
  }
  const outcomes = signer.signBatch(asked.map(({ sign }) => sign));
  asked.forEach(({ request }, index) => {
    release(request, outcomes[index] as SignOutcome);
  });
}

function release(request: PipeRequest, outcome: SignOutcome): void {
  if ('refused' in outcome) {
    request.refuse(outcome.refused);
    return;
  }
  const { place, signature } = outcome;
  const reply = (bytes: Uint8Array): void => {
    const { number: journalNumber, keyNumber } = place;
    request.reply(encodeSignAnswer({ signature: bytes, journalNumber, keyNumber }));
  };
  if (signature instanceof Promise) signature.then(reply, (error) => request.refuse(error));
  else reply(signature);
}

async function answer(signer: Signer, request: PipeRequest): Promise<void> {
  try {
    request.reply(encodeJson(await answerTo(signer, request)));
  } catch (error) {
    request.refuse(error);
  }
}

async function answerTo(signer: Signer, { op, body }: PipeRequest): Promise<unknown> {
  if (op === SIGNER_OP.ensureKey) {
    const { alg, scope } = decodeJson(body, ensureKeyRequestSchema);
    return signer.ensureKey(alg, parseKeyScope(scope));
  }
  if (op === SIGNER_OP.makeKey) {
    const { alg, scope, custody } = decodeJson(body, makeKeyRequestSchema);
    return signer.makeKey(alg, parseKeyScope(scope), custody === undefined ? {} : { custody });
  }
  if (op === SIGNER_OP.changeKey) {
    const { kid, to, reason } = decodeJson(body, changeKeyRequestSchema);
    return signer.changeKey(kid, to, reason === undefined ? {} : { reason });
  }
  if (op === SIGNER_OP.listKeys) return pageOfKeys(signer, decodeJson(body, listKeysRequestSchema));
  if (op === SIGNER_OP.readJournal) {
    const { fromNumber, limit } = decodeJson(body, readJournalRequestSchema);
    return signer.readJournal(fromNumber, limit);
  }
  if (op === SIGNER_OP.status) return signer.status();
  throw signerRefusal('request_malformed', 'The signer does not know this operation.');
}

function pageOfKeys(
  signer: Signer,
  wanted: { from: number; issuer?: string | undefined },
): unknown {
  const { from, issuer } = wanted;
  const all = signer.listKeys(issuer);
  const keys = [];
  let bytes = 0;
  for (const key of all.slice(from)) {
    bytes += JSON.stringify(key).length;
    if (bytes > KEYS_ANSWER_BYTES && keys.length > 0) break;
    keys.push(key);
  }
  return { keys, next: from + keys.length < all.length ? from + keys.length : null };
}
