// Ed25519 by libsodium, handed to the verifier as its optional faster signature check.

import sodium from 'sodium-native';

export function sodiumEd25519(
  publicKey: Uint8Array,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  return sodium.crypto_sign_verify_detached(
    asBuffer(signature),
    asBuffer(data),
    asBuffer(publicKey),
  );
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
