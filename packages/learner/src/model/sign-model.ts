// A model under an Ed25519 signature.
import type { KeyObject } from 'node:crypto';

/** Puts a line with key id, length and signature before the model. */
export function signModel(_model: Uint8Array, _keyId: string, _privateKey: KeyObject): Uint8Array {
  throw new Error('not built yet');
}

/**
 * @param keys public keys by id
 * @returns the bytes of the model, for `decodeModel`, and whose signature they bear
 * @throws CodedError `model_unreadable` `model_truncated` `model_key_unknown` `model_signature_wrong`
 */
export function openSignedModel(
  _bytes: Uint8Array,
  _keys: Readonly<Record<string, KeyObject>>,
): { model: Uint8Array; keyId: string } {
  throw new Error('not built yet');
}
