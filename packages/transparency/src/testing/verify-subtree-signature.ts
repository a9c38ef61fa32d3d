// The signature of a receipt, checked by node:crypto directly.

import { createPublicKey, verify } from 'node:crypto';
import {
  cosignedMessage,
  encodeBase64url,
  type LeafRange,
  type NoteKey,
} from '@countersign/verifier';

export function verifySubtreeSignature(
  key: NoteKey,
  origin: string,
  subtree: LeafRange,
  root: Uint8Array,
  signature: Uint8Array,
): boolean {
  const publicKey = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: encodeBase64url(key.publicKey) },
    format: 'jwk',
  });
  return verify(null, cosignedMessage(origin, origin, subtree, root), publicKey, signature);
}
