// What travels between the server and its signer: one byte of operation, binary for signing, JSON
// for everything that is rare. Integers are big-endian.

import { z } from 'zod';
import { custodyKindSchema } from '../custody/custody.ts';
import { signerRefusal } from '../keys-error.ts';
import { KEY_STATES, REASON_LIMIT } from '../life/key-life.ts';
import { signatureAlgSchema } from '../scope/key-scope.ts';
import type { SignRequest } from '../signing/signer.ts';

/** Operation bytes. A number, once used, keeps its meaning; 2 made keys that signed at once. */
export const SIGNER_OP = {
  sign: 1,
  listKeys: 3,
  readJournal: 4,
  status: 5,
  makeKey: 6,
  changeKey: 7,
  readAccess: 8,
  /** Another operation, with who asks for it, by whom the signer believes: the door before it. */
  forCaller: 9,
} as const;

export interface SignAnswer {
  /** Raw: r || s for ECDSA (RFC 7518 §3.4). */
  signature: Uint8Array;
  journalNumber: number;
  keyNumber: number;
  /** Which of several signers: the numbers are of its journal. Absent where there is one. */
  signer?: string;
}

/** u8 length of the kid | kid | signing input. */
export function encodeSignRequest(kid: string, input: Uint8Array): Uint8Array {
  const name = Buffer.from(kid, 'utf8');
  if (name.length > 255) throw malformed('the kid is too long');
  return Buffer.concat([Buffer.of(name.length), name, input]);
}

/** @throws CodedError `request_malformed` */
export function decodeSignRequest(body: Uint8Array): SignRequest {
  const inputAt = 1 + (body[0] ?? 0);
  if (body.length <= inputAt) throw malformed('it ends before the signing input');
  return {
    kid: Buffer.from(body.subarray(1, inputAt)).toString('latin1'),
    input: body.subarray(inputAt),
  };
}

/** u48 journal number | u48 key number | signature. */
export function encodeSignAnswer(answer: SignAnswer): Uint8Array {
  const bytes = Buffer.alloc(12 + answer.signature.length);
  bytes.writeUIntBE(answer.journalNumber, 0, 6);
  bytes.writeUIntBE(answer.keyNumber, 6, 6);
  bytes.set(answer.signature, 12);
  return bytes;
}

export function decodeSignAnswer(body: Uint8Array): SignAnswer {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  if (bytes.length <= 12) throw malformed('the answer holds no signature');
  return {
    journalNumber: bytes.readUIntBE(0, 6),
    keyNumber: bytes.readUIntBE(6, 6),
    signature: new Uint8Array(bytes.subarray(12)),
  };
}

/** Written down as it comes: one line. */
const line = z
  .string()
  .max(REASON_LIMIT)
  .regex(/^[^\p{Cc}]*$/u, 'must be one line');
const whoAsks = { by: line.exactOptional(), reason: line.exactOptional() };

export const makeKeyRequestSchema = z.strictObject({
  alg: signatureAlgSchema,
  /** Checked on its own, for a better refusal. */
  scope: z.unknown(),
  custody: custodyKindSchema.exactOptional(),
  ...whoAsks,
});

export const changeKeyRequestSchema = z.strictObject({
  kid: z.string().max(255),
  to: z.enum(KEY_STATES),
  ...whoAsks,
});

export const listKeysRequestSchema = z.strictObject({
  from: z.int().min(0),
  /** Absent: all issuers. */
  issuer: z.string().optional(),
  /** See ListKeysOptions; both absent from older servers. */
  kid: z.string().max(255).optional(),
  endedAfterMs: z.int().optional(),
});

/** Of the journal and of the record of access. */
export const readLinesRequestSchema = z.strictObject({
  fromNumber: z.int().min(0),
  limit: z.int().min(0),
});

export interface CallersRequest {
  op: number;
  /** At most 100 printable characters of ASCII. */
  caller: string;
  body: Uint8Array;
}

const CALLER = /^[\x20-\x7e]{1,100}$/;

/** u8 operation | u8 length of the caller | caller | body. */
export function encodeForCaller({ op, caller, body }: CallersRequest): Uint8Array {
  const name = Buffer.from(caller, 'latin1');
  return Buffer.concat([Buffer.of(op, name.length), name, body]);
}

/** @throws CodedError `request_malformed` */
export function decodeForCaller(request: Uint8Array): CallersRequest {
  const [op, length = 0] = request;
  const caller = Buffer.from(request.subarray(2, 2 + length)).toString('latin1');
  if (op === undefined || caller.length !== length || !CALLER.test(caller)) {
    throw malformed('it does not say who asks');
  }
  return { op, caller, body: request.subarray(2 + length) };
}

export function encodeJson(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value), 'utf8');
}

/** @throws CodedError `request_malformed` */
export function decodeJson<T>(body: Uint8Array, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch (cause) {
    throw malformed('it is not JSON', cause);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw malformed(`${parsed.error.issues[0]?.path.join('.')} is not usable`);
  return parsed.data;
}

function malformed(what: string, cause?: unknown): Error {
  return signerRefusal('request_malformed', `The request to the signer is not usable: ${what}.`, {
    cause,
  });
}
