// Makes a receipt with a log key that is not where it belongs: stolen from the notary, or made up.

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { cosignedMessage, createNoteKey, encodeReceipt, hashLeaf } from '@countersign/verifier';

export interface ReceiptForger {
  /** Four bytes. */
  keyId: Uint8Array;
  privateKey: KeyObject;
  origin: string;
}

/** A receipt for one leaf that the log has never seen, under any index the attacker likes. */
export function forgeReceipt(
  forger: ReceiptForger,
  leaf: Uint8Array,
  at: { index: number; issuedMs: number },
): Uint8Array {
  const range = { start: at.index, end: at.index + 1 };
  const message = cosignedMessage(forger.origin, forger.origin, range, hashLeaf(leaf));
  return encodeReceipt({
    keyId: forger.keyId,
    index: at.index,
    issuedMs: at.issuedMs,
    tags: undefined,
    log2Span: 0,
    proof: [],
    signature: sign(null, message, forger.privateKey),
  });
}

/** A log of the attacker's own that goes by the name of the real one. */
export function impostorLog(origin: string): ReceiptForger {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  return { keyId: createNoteKey(origin, 'receipt', raw).id, privateKey, origin };
}
