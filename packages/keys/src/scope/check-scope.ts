// The signing policy in one place: a key, what it is asked to sign, and the time. Everything is
// read from the bytes that would be signed; nothing the caller says beside them is believed.

import type { KeyFileRecord } from '../custody/key-file.ts';
import { signerRefusal } from '../keys-error.ts';
import { checkClaims } from './check-claims.ts';
import { checkHeader } from './check-header.ts';
import type { ReceiptCheck } from './check-receipt.ts';
import type { KeyScope } from './key-scope.ts';
import { parseSigningInput } from './parse-signing-input.ts';

export interface ScopedKey {
  record: KeyFileRecord;
  /** Present exactly when the scope requires a receipt. */
  receipts?: ReceiptCheck;
}

/**
 * Throws unless `key` may sign `input` now.
 * @throws CodedError with a `SignerRefusal` code
 */
export function checkScope(key: ScopedKey, input: Uint8Array, nowMs: number): void {
  const { kid, alg, scope } = key.record;
  const { header, payload, payloadSegment } = parseSigningInput(input);
  const { typ, itr } = checkHeader(header, key.record);
  const nowSeconds = Math.floor(nowMs / 1000);
  checkKeyTime(scope, nowSeconds);
  const claims = checkClaims(payload, typ, scope, nowSeconds);
  if (scope.requireReceiptFrom === undefined) return;
  if (itr === undefined || key.receipts === undefined) {
    throw signerRefusal('receipt_missing', 'The key signs nothing that the log has not seen.');
  }
  const { issuer: iss, ...times } = claims;
  key.receipts.check(itr, { iss, kid, alg, typ, payloadSegment, ...times }, nowMs);
}

/** @throws CodedError `key_not_yet_valid`, `key_expired` */
export function checkKeyTime(scope: KeyScope, nowSeconds: number): void {
  if (nowSeconds < scope.notBeforeSeconds) {
    throw signerRefusal('key_not_yet_valid', 'The key does not sign yet.');
  }
  if (nowSeconds >= scope.notAfterSeconds) {
    throw signerRefusal('key_expired', 'The key is past its last day and never signs again.');
  }
}
