// What a request to sign carries on the way to a signer on another host: the session that the relay
// there gave out, and a number of the sender's own. Both together are its idempotency key.

import { signerRefusal } from '../keys-error.ts';

/** Operation bytes of the relay, beside those of the signer, which it passes on. */
export const RELAY_OP = { openSession: 64, signOnce: 65 } as const;

export const SESSION_BYTES = 16;
const HEAD_BYTES = SESSION_BYTES + 6;

export interface Ticket {
  /** `SESSION_BYTES` that the relay made; another relay, or this one after a restart, knows nothing of it. */
  session: Uint8Array;
  /** Counts the requests of the session; below 2^48. */
  sequence: number;
}

export interface TicketedRequest extends Ticket {
  /** As for `SIGNER_OP.sign`. */
  request: Uint8Array;
}

/** 16 B session | u48 sequence | request to sign. */
export function encodeTicketed({ session, sequence }: Ticket, request: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + request.length);
  bytes.set(session, 0);
  bytes.writeUIntBE(sequence, SESSION_BYTES, 6);
  bytes.set(request, HEAD_BYTES);
  return bytes;
}

/** @throws CodedError `request_malformed` */
export function decodeTicketed(body: Uint8Array): TicketedRequest {
  if (body.length <= HEAD_BYTES) {
    throw signerRefusal('request_malformed', 'The request ends before what is to be signed.');
  }
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  return {
    session: body.subarray(0, SESSION_BYTES),
    sequence: bytes.readUIntBE(SESSION_BYTES, 6),
    request: body.subarray(HEAD_BYTES),
  };
}
