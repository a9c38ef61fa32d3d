// The log must have seen this very token: the leaf is rebuilt from what is about to be signed and
// the receipt in it. A server that was taken over gets no signature without a leaf to show for it.

import assert from 'node:assert/strict';
import {
  createSubtreeCache,
  decodeBase64url,
  openReceiptLog,
  parseVerifierKey,
  type ReceiptLog,
  type ReceiptToken,
  verifyReceipt,
} from '@countersign/verifier';
import { signerRefusal } from '../keys-error.ts';
import type { KeyScope } from './key-scope.ts';

/** How far the log's time may be from ours and from `iat`, either way; verifiers allow as much. */
export const RECEIPT_SKEW_MS = 60_000;
const SUBTREES_REMEMBERED = 1024;

export class ReceiptCheck {
  readonly #logs: readonly ReceiptLog[];
  readonly #subtrees = createSubtreeCache(SUBTREES_REMEMBERED);

  /** @param logs a receipt of any of them suffices */
  constructor(logs: readonly ReceiptLog[]) {
    this.#logs = logs;
  }

  /** @throws CodedError `receipt_invalid` */
  check(itr: string, token: ReceiptToken & { issuedAtSeconds: number }, nowMs: number): void {
    const bytes = decodeBase64url(itr);
    if (bytes === undefined) {
      throw signerRefusal('receipt_invalid', 'The receipt is not canonical base64url.');
    }
    const verdict = verifyReceipt(bytes, token, this.#logs, { subtrees: this.#subtrees });
    assert(!(verdict instanceof Promise), 'on Node a receipt is judged in the same turn');
    if (!verdict.ok) throw signerRefusal('receipt_invalid', verdict.reason);
    const { issuedMs } = verdict;
    if (
      Math.abs(issuedMs - nowMs) > RECEIPT_SKEW_MS ||
      Math.abs(issuedMs - token.issuedAtSeconds * 1000) > RECEIPT_SKEW_MS
    ) {
      throw signerRefusal('receipt_invalid', 'The log saw this token at another time.');
    }
  }
}

/**
 * The check for keys of this scope; undefined when it requires no receipt.
 * @param standIns receipt keys of logs that stand in for each other: see SignerOptions
 */
export async function openReceiptCheck(
  { requireReceiptFrom: bond }: KeyScope,
  standIns: readonly string[],
): Promise<ReceiptCheck | undefined> {
  if (bond === undefined) return undefined;
  // A key that is bound to none of those logs stays bound to its own alone.
  const accepted = standIns.includes(bond) ? standIns : [bond];
  const logs = accepted.map((vkey) => {
    const key = parseVerifierKey(vkey);
    return openReceiptLog(key.name, key);
  });
  return new ReceiptCheck(await Promise.all(logs));
}
