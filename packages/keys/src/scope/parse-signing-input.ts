// Reads what is to be signed as strictly as the verifier reads what was signed: canonical
// base64url (RFC 7515 §2), UTF-8 without errors, JSON objects without a member named twice.

import { decodeBase64url, readJson } from '@countersign/verifier';
import { type SignerRefusal, signerRefusal } from '../keys-error.ts';

/** Longest `header.payload`; a token of this size already breaks common proxies. */
export const SIGNING_INPUT_LIMIT_BYTES = 16_384;

export type JsonMembers = Readonly<Record<string, unknown>>;

export interface ParsedInput {
  header: JsonMembers;
  payload: JsonMembers;
  /** As it stands in the token: the log committed to exactly these characters. */
  payloadSegment: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws CodedError `too_large`, `header_malformed`, `payload_malformed` */
export function parseSigningInput(input: Uint8Array): ParsedInput {
  if (input.length > SIGNING_INPUT_LIMIT_BYTES) {
    throw signerRefusal(
      'too_large',
      `Header and payload together are at most ${SIGNING_INPUT_LIMIT_BYTES} bytes.`,
    );
  }
  const text = Buffer.from(input.buffer, input.byteOffset, input.length).toString('latin1');
  const dot = text.indexOf('.');
  if (dot === -1) {
    throw signerRefusal('header_malformed', 'The signing input is not header.payload.');
  }
  const payloadSegment = text.slice(dot + 1);
  return {
    header: parseSegment(text.slice(0, dot), 'header_malformed', 'header'),
    payload: parseSegment(payloadSegment, 'payload_malformed', 'payload'),
    payloadSegment,
  };
}

function parseSegment(segment: string, code: SignerRefusal, name: string): JsonMembers {
  const bytes = decodeBase64url(segment);
  if (bytes === undefined) {
    throw signerRefusal(code, `The ${name} is not canonical base64url.`);
  }
  let value: unknown;
  try {
    value = readJson(utf8.decode(bytes));
  } catch (cause) {
    throw signerRefusal(code, `The ${name} is not unambiguous JSON in UTF-8.`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw signerRefusal(code, `The ${name} is not a JSON object.`);
  }
  return value as JsonMembers;
}
