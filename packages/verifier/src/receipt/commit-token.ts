// The commitment a log makes to a token before it is signed: every protected header member but the
// receipt, the issuer, and the payload segment byte for byte (no canonicalisation of JSON).

import { sha256 } from '#platform';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { utf8 } from '../bytes/join-bytes.ts';

/** What a leaf binds of a token. */
export interface CommittedToken {
  readonly iss: string;
  readonly kid: string;
  readonly alg: string;
  readonly typ: string;
  /** The payload as it stands in the token: base64url text, not decoded. */
  readonly payloadSegment: string;
}

const LABEL = utf8('itlog/token/v1\n');

/**
 * SHA-256(label || len8 iss || len8 kid || len8 alg || len8 typ || payload segment), 32 bytes.
 * @throws FormatError `number_out_of_range` when a name is over 255 bytes
 */
export function commitToken(token: CommittedToken): Uint8Array {
  const names = [token.iss, token.kid, token.alg, token.typ].map(utf8);
  const payload = utf8(token.payloadSegment);
  const size = names.reduce((sum, name) => sum + 1 + name.length, LABEL.length + payload.length);
  const writer = new ByteWriter(size).bytes(LABEL);
  for (const name of names) writer.len8(name);
  return sha256(writer.bytes(payload).finish());
}
