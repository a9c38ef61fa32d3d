// The signer's side of the pipe: everything that arrived in one turn is one batch, so that many
// signatures share one durable write.

import type { Readable, Writable } from 'node:stream';
import { type PipeRequest, servePipe } from '@countersign/pipe';
import { signerRefusal } from '../keys-error.ts';
import { parseKeyScope } from '../scope/key-scope.ts';
import type { SignOutcome } from '../signing/sign-with.ts';
import type { Signer, SignRequest } from '../signing/signer.ts';
import {
  changeKeyRequestSchema,
  decodeForCaller,
  decodeJson,
  decodeSignRequest,
  encodeJson,
  encodeSignAnswer,
  listKeysRequestSchema,
  makeKeyRequestSchema,
  readLinesRequestSchema,
  SIGNER_OP,
} from './messages.ts';

/** Keys of one answer: a frame holds 4 MiB, a key with the widest scope 150 KiB. */
const KEYS_ANSWER_BYTES = 1024 * 1024;

/** Between two turns of doing away with keys that are over. */
const BURY_EVERY_MS = 2000;

export interface ServeSignerOptions {
  input: Readable;
  output: Writable;
  signer: Signer;
  /**
   * Who is at the other end, for the record of access, where it does not say for whom it asks itself.
   * Default `parent`.
   */
  caller?: string;
  /** The parent left: finish. With an error: it broke the framing. */
  onEnd(error?: unknown): void;
  /** The journal's disk failed, so that nobody knows what it holds: the process must end. */
  onFatal(error: unknown): void;
}

/** Starts to serve; returns at once. */
export function serveSigner(options: ServeSignerOptions): void {
  const { input, output, signer, caller = 'parent', onEnd, onFatal } = options;
  const burials = setInterval(() => {
    signer.bury().catch((error: unknown) => {
      clearInterval(burials);
      onFatal(error);
    });
  }, BURY_EVERY_MS).unref();
  servePipe({
    input,
    output,
    onEnd: (error) => {
      clearInterval(burials);
      onEnd(error);
    },
    onBatch: (arrived) => {
      const requests = arrived.flatMap((request) => withCaller(request, caller));
      try {
        for (const group of inOrder(requests)) answerGroup(signer, group);
      } catch (error) {
        onFatal(error);
        return;
      }
      for (const request of requests) {
        if (IN_ORDER.has(request.op)) continue;
        void answer(signer, request).then(() => {
          if (signer.broken !== undefined) onFatal(signer.broken);
        });
      }
    },
  });
}

type CallersRequest = PipeRequest & { readonly caller: string };

/** None when it was refused already. */
function withCaller(request: PipeRequest, caller: string): CallersRequest[] {
  if (request.op !== SIGNER_OP.forCaller) return [{ ...request, caller }];
  try {
    const asked = decodeForCaller(request.body);
    if (asked.op !== SIGNER_OP.forCaller) return [{ ...request, ...asked }];
    throw signerRefusal('request_malformed', 'A request has one caller.');
  } catch (error) {
    request.refuse(error);
    return [];
  }
}

/** What these do depends on what came before them; the others may be answered after them. */
const IN_ORDER: ReadonlySet<number> = new Set([SIGNER_OP.sign, SIGNER_OP.changeKey]);

/** Signatures that follow each other are one durable write; a key that changes comes between. */
function inOrder(requests: readonly CallersRequest[]): CallersRequest[][] {
  const groups: CallersRequest[][] = [];
  for (const request of requests) {
    if (!IN_ORDER.has(request.op)) continue;
    const last = groups.at(-1);
    if (request.op === SIGNER_OP.sign && last?.[0]?.op === SIGNER_OP.sign) last.push(request);
    else groups.push([request]);
  }
  return groups;
}

/** @throws what broke a record */
function answerGroup(signer: Signer, group: readonly CallersRequest[]): void {
  const [first] = group;
  if (first?.op === SIGNER_OP.changeKey) changeKey(signer, first);
  else signAll(signer, group);
}

/** @throws what broke a record */
function changeKey(signer: Signer, request: CallersRequest): void {
  try {
    const { kid, to, ...options } = decodeJson(request.body, changeKeyRequestSchema);
    request.reply(encodeJson(signer.changeKey(kid, to, options, request.caller)));
  } catch (error) {
    if (signer.broken !== undefined) throw signer.broken;
    request.refuse(error);
  }
}

/** @throws what broke a record, which a key that ends writes to as well */
function signAll(signer: Signer, requests: readonly PipeRequest[]): void {
  const asked: { request: PipeRequest; sign: SignRequest }[] = [];
  for (const request of requests) {
    try {
      asked.push({ request, sign: decodeSignRequest(request.body) });
    } catch (error) {
      request.refuse(error);
    }
  }
  signer.signEach(
    asked.map(({ sign }) => sign),
    (index, outcome) => {
      // Answers leave while others are made: none does from the moment a record is broken.
      if (signer.broken !== undefined) throw signer.broken;
      const { request } = asked[index] as (typeof asked)[number];
      release(request, outcome);
    },
  );
  if (signer.broken !== undefined) throw signer.broken;
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

async function answer(signer: Signer, request: CallersRequest): Promise<void> {
  try {
    request.reply(encodeJson(await answerTo(signer, request)));
  } catch (error) {
    request.refuse(error);
  }
}

async function answerTo(signer: Signer, { op, body, caller }: CallersRequest): Promise<unknown> {
  if (op === SIGNER_OP.makeKey) {
    const { alg, scope, ...options } = decodeJson(body, makeKeyRequestSchema);
    return signer.makeKey(alg, parseKeyScope(scope), options, caller);
  }
  if (op === SIGNER_OP.listKeys) {
    const { from, ...wanted } = decodeJson(body, listKeysRequestSchema);
    return signer.pageOfKeys(wanted, caller, { from, bytes: KEYS_ANSWER_BYTES });
  }
  if (op === SIGNER_OP.readJournal) {
    const { fromNumber, limit } = decodeJson(body, readLinesRequestSchema);
    return signer.readJournal(fromNumber, limit);
  }
  if (op === SIGNER_OP.readAccess) {
    const { fromNumber, limit } = decodeJson(body, readLinesRequestSchema);
    return signer.readAccess(fromNumber, limit);
  }
  if (op === SIGNER_OP.status) return signer.status();
  throw signerRefusal('request_malformed', 'The signer does not know this operation.');
}
