// Judges what a key set says of a key: the entry of its publication is rebuilt from the key itself,
// and the log's receipt must be for exactly that. A key of another issuer, other key material under
// the same kid, or a longer life all make another entry, which no log has signed.

import { decodeBase64url } from '../bytes/base64.ts';
import { FormatError } from '../format-error.ts';
import { hashLeaf } from '../merkle/hash-node.ts';
import type { Receipt } from './encode-receipt.ts';
import { encodeKeyEntry, hashIssuer } from './key-entry.ts';
import {
  type ReceiptLog,
  type ReceiptOptions,
  type ReceiptVerdict,
  verifyLeafReceipt,
} from './verify-receipt.ts';

/** What the entry of a key's publication binds. */
export interface LoggedKey {
  readonly issuer: string;
  readonly kid: string;
  /** base64url SHA-256 thumbprint of the public key (RFC 7638). */
  readonly thumbprint: string;
  readonly notAfterSeconds: number;
}

/** @param bytes the receipt in the JWK member `itr` */
export function verifyKeyReceipt(
  bytes: Uint8Array,
  key: LoggedKey,
  logs: readonly ReceiptLog[],
  options: ReceiptOptions = {},
): ReceiptVerdict | Promise<ReceiptVerdict> {
  return verifyLeafReceipt(bytes, (receipt) => rebuildKeyLeaf(receipt, key), logs, options);
}

function rebuildKeyLeaf({ issuedMs, tags }: Receipt, key: LoggedKey): Uint8Array {
  // A key has no tags; a receipt that carries some is for a token.
  if (tags !== undefined) {
    throw new FormatError('receipt_malformed', 'The receipt of a key carries the tags of a token.');
  }
  return hashLeaf(
    encodeKeyEntry({
      event: 'published',
      atMs: issuedMs,
      notAfterSeconds: key.notAfterSeconds,
      issuerHash: hashIssuer(key.issuer),
      thumbprint: decodeBase64url(key.thumbprint) ?? new Uint8Array(),
      kid: key.kid,
    }),
  );
}
