// One receipt, verified as somebody would who has only the entry and the log's public key.

import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import {
  cosignedMessage,
  decodeReceipt,
  encodeBase64url,
  equalBytes,
  hashLeaf,
  parseVerifierKey,
  type Receipt,
  receiptSubtree,
  subtreeHashFromPath,
} from '@countersign/verifier';

const keys = new Map<string, KeyObject>();

/** @throws Error when the receipt does not prove the entry */
export function checkReceipt(
  { origin, keys: { receipt: keyText } }: { origin: string; keys: { receipt: string } },
  entry: Uint8Array,
  bytes: Uint8Array,
): Receipt {
  const receipt = decodeReceipt(bytes);
  const { id, publicKey } = parseVerifierKey(keyText);
  const subtree = receiptSubtree(receipt);
  const root = subtreeHashFromPath(hashLeaf(entry), receipt.index, subtree, receipt.proof);
  const signed =
    root !== undefined &&
    equalBytes(receipt.keyId, id) &&
    verify(
      null,
      cosignedMessage(origin, origin, subtree, root),
      publicKeyOf(keyText, publicKey),
      receipt.signature,
    );
  if (!signed) throw new Error(`The receipt of entry ${receipt.index} does not prove it.`);
  return receipt;
}

function publicKeyOf(name: string, publicKey: Uint8Array): KeyObject {
  const known = keys.get(name);
  if (known !== undefined) return known;
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: encodeBase64url(publicKey) };
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  keys.set(name, key);
  return key;
}
