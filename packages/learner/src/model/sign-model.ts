// A model under an Ed25519 signature: one line with schema, key id, length and signature, and the
// model's bytes as they are. What is signed is all of it but the signature itself.

import { type KeyObject, sign, verify } from 'node:crypto';
import { learnerRefusal } from '../learner-error.ts';
import { isObject } from './read-fields.ts';

const SCHEMA = 'countersign-signed-model/1';
const KEY_ID = /^[A-Za-z0-9_-][A-Za-z0-9._:-]{0,127}$/;
const LONGEST_HEADER = 1024;
const SIGNATURE_BYTES = 64;
const NEWLINE = 10;

/**
 * Puts a line with key id, length and signature before the model.
 * @throws CodedError `options_invalid` for another kind of key, or an id no key may have
 */
export function signModel(model: Uint8Array, keyId: string, privateKey: KeyObject): Uint8Array {
  if (privateKey.type !== 'private' || privateKey.asymmetricKeyType !== 'ed25519')
    throw learnerRefusal('options_invalid', 'Models are signed with a private Ed25519 key.');
  if (!KEY_ID.test(keyId)) throw learnerRefusal('options_invalid', 'This is no id of a key.');
  const signature = sign(null, signedBytes(keyId, model), privateKey).toString('base64url');
  const header = { schema: SCHEMA, keyId, bytes: model.length, signature };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), model]);
}

/**
 * @param keys public keys by id
 * @returns the bytes of the model, for `decodeModel`, and whose signature they bear
 * @throws CodedError `model_unreadable` (no such header), `model_schema_unknown`,
 * `model_truncated`, `model_key_unknown`, `model_signature_wrong`
 */
export function openSignedModel(
  bytes: Uint8Array,
  keys: Readonly<Record<string, KeyObject>>,
): { model: Uint8Array; keyId: string } {
  const end = bytes.subarray(0, LONGEST_HEADER).indexOf(NEWLINE);
  const { keyId, length, signature } = readHeader(bytes.subarray(0, Math.max(end, 0)));
  const model = bytes.subarray(end + 1);
  if (model.length !== length)
    throw learnerRefusal(
      'model_truncated',
      'This model is not as long as it says. Fetch it again.',
    );
  const key = Object.hasOwn(keys, keyId) ? keys[keyId] : undefined;
  if (key === undefined || key.asymmetricKeyType !== 'ed25519')
    throw learnerRefusal('model_key_unknown', 'This model is signed by a key that is not trusted.');
  if (!verify(null, signedBytes(keyId, model), key, signature))
    throw learnerRefusal('model_signature_wrong', 'The signature of this model does not fit.');
  return { model, keyId };
}

function signedBytes(keyId: string, model: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${SCHEMA}\n${keyId}\n${model.length}\n`), model]);
}

function readHeader(line: Uint8Array): { keyId: string; length: number; signature: Buffer } {
  const header = parse(line);
  if (isObject(header) && typeof header['schema'] === 'string' && header['schema'] !== SCHEMA)
    throw learnerRefusal('model_schema_unknown', `This version reads ${SCHEMA} only.`);
  if (!isObject(header) || Object.keys(header).length !== 4) throw unreadable();
  const { schema, keyId, bytes, signature } = header;
  if (schema !== SCHEMA || typeof keyId !== 'string' || typeof signature !== 'string')
    throw unreadable();
  const raw = Buffer.from(signature, 'base64url');
  if (raw.length !== SIGNATURE_BYTES || raw.toString('base64url') !== signature) throw unreadable();
  return { keyId, length: Number(bytes), signature: raw };
}

function parse(line: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
  } catch (cause) {
    throw unreadable(cause);
  }
}

const unreadable = (cause?: unknown): Error =>
  learnerRefusal('model_unreadable', 'This is not a signed model, or its first line is cut off.', {
    cause,
  });
