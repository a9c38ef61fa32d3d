// The commitment a log makes to a token before it is signed: every protected header member but the
// receipt, the issuer, and the payload segment byte for byte (no canonicalisation of JSON).

import { sha256 } from '#platform';
import { FormatError } from '../format-error.ts';

/** What a leaf binds of a token. */
export interface CommittedToken {
  readonly iss: string;
  readonly kid: string;
  readonly alg: string;
  readonly typ: string;
  /** The payload as it stands in the token: base64url text, not decoded. */
  readonly payloadSegment: string;
}

const encoder = new TextEncoder();
const LABEL = encoder.encode('itlog/token/v1\n');
const LONGEST_NAME = 255;
/** Holds every token of the default size; a longer one gets a buffer of its own. */
const SCRATCH_BYTES = 20_000;
const scratch = new Uint8Array(SCRATCH_BYTES);
scratch.set(LABEL);

/**
 * SHA-256(label || len8 iss || len8 kid || len8 alg || len8 typ || payload segment), 32 bytes.
 * @throws FormatError `number_out_of_range` when a name is over 255 bytes
 */
export function commitToken(token: CommittedToken): Uint8Array<ArrayBuffer> {
  const names = [token.iss, token.kid, token.alg, token.typ];
  // UTF-8 needs at most three bytes for a UTF-16 unit.
  const most = names.reduce(
    (sum, name) => sum + 1 + name.length * 3,
    token.payloadSegment.length * 3,
  );
  const fits = LABEL.length + most <= SCRATCH_BYTES;
  const buffer = fits ? scratch : new Uint8Array(LABEL.length + most);
  if (!fits) buffer.set(LABEL);
  let offset = LABEL.length;
  for (const name of names) offset = writeName(buffer, offset, name);
  offset += encoder.encodeInto(token.payloadSegment, buffer.subarray(offset)).written;
  return sha256(buffer.subarray(0, offset));
}

function writeName(buffer: Uint8Array, offset: number, name: string): number {
  const { written } = encoder.encodeInto(name, buffer.subarray(offset + 1));
  if (written > LONGEST_NAME) {
    throw new FormatError('number_out_of_range', 'A name in the token is over 255 bytes.');
  }
  buffer[offset] = written;
  return offset + 1 + written;
}
