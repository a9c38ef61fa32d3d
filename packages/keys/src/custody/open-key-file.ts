// Reads a key file back. Whatever is wrong with it, the answer is a refusal that says what to do;
// nothing here or above ever makes a new key in place of one that cannot be read.

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readJson } from '@countersign/verifier';
import { custodyRefusal } from '../keys-error.ts';
import { canonicalBytes, type JsonObject } from './canonical-json.ts';
import type { KeyPlace, MadeKey } from './custody.ts';
import { deriveSealingKey, passphraseBytes } from './derive-key.ts';
import {
  boundBytes,
  KEY_FILE_LIMIT_BYTES,
  type KeyFile,
  type KeyFileRecord,
  keyFileSchema,
} from './key-file.ts';
import { publicSigningJwk } from './public-jwk.ts';
import { unseal } from './seal.ts';
import { SEALED_ELSEWHERE } from './seal-key-file.ts';

export interface OpenedKey {
  /** Of its file. */
  version: KeyFile['version'];
  record: KeyFileRecord;
  publicKey: KeyObject;
  place: KeyPlace;
}

/**
 * Opens one key file alone, with its passphrase: what a restore does, and what a thief does who
 * has both. Derives the sealing key anew (about 0.2 s).
 * @throws CodedError `key_file_corrupt`, `passphrase_wrong`, `key_elsewhere` when the file only says
 *   which token or cloud holds the private half
 */
export function openKeyFile(
  bytes: Uint8Array,
  passphrase: string | Uint8Array,
): { record: KeyFileRecord; privateKey: KeyObject } {
  const file = parseKeyFile(bytes);
  const sealingKey = deriveSealingKey(passphraseBytes(passphrase), file.custody.kdf);
  const { record, place } = unsealKeyFile(file, sealingKey);
  if (place.kind === 'software') return { record, privateKey: place.privateKey };
  throw custodyRefusal(
    'key_elsewhere',
    `The private half of ${record.kid} is not in its file: ${place.kind} holds it, and does not give it out.`,
  );
}

/** Reads a key file without opening its seal. @throws CodedError `key_file_corrupt` */
export function parseKeyFile(bytes: Uint8Array): KeyFile {
  if (bytes.length > KEY_FILE_LIMIT_BYTES) throw corrupt('is too long');
  let value: unknown;
  try {
    value = readJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw corrupt('is not JSON', cause);
  }
  const parsed = keyFileSchema.safeParse(value);
  if (!parsed.success) {
    throw corrupt(`has an unusable member ${parsed.error.issues[0]?.path.join('.') ?? ''}`);
  }
  return parsed.data;
}

/**
 * Opens the seal of a key file.
 *
 * @throws CodedError `passphrase_wrong` when the seal does not open: the passphrase is another, or
 *   anything in the file, its scope above all, was changed after it was written;
 *   `key_file_corrupt` when it opens and holds another key than it says
 */
export function unsealKeyFile(file: KeyFile, sealingKey: KeyObject): OpenedKey {
  const { sealed, ...rest } = file;
  const secret = unseal(sealingKey, sealed, boundBytes(rest));
  if (secret === undefined) {
    throw custodyRefusal(
      'passphrase_wrong',
      `The key file ${file.kid} does not open. Either the passphrase is wrong or the file was changed: check the passphrase, or restore the file from a backup.`,
    );
  }
  const { publicKey, place } = placeOf(file, secret);
  const { kid, alg, scope, createdMs } = file;
  const publicJwk = publicSigningJwk(publicKey, alg, scope);
  if (!sameJson(publicJwk, file.publicJwk)) throw corrupt(`${kid} holds another key`);
  return {
    version: file.version,
    record: { kid, alg, scope, publicJwk, createdMs },
    publicKey,
    place,
  };
}

function placeOf({ kid, custody, publicJwk }: KeyFile, secret: Buffer): MadeKey {
  if (custody.kind === 'software') {
    const privateKey = importSecret(secret, kid);
    return { publicKey: createPublicKey(privateKey), place: { kind: 'software', privateKey } };
  }
  if (!secret.equals(SEALED_ELSEWHERE)) throw corrupt(`${kid} seals what it should not`);
  const { kdf: _, ...place } = custody;
  return { publicKey: importPublicJwk(publicJwk, kid), place };
}

function importPublicJwk(jwk: KeyFile['publicJwk'], kid: string): KeyObject {
  try {
    return createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
  } catch (cause) {
    throw corrupt(`${kid} holds no public key`, cause);
  }
}

function importSecret(secret: Buffer, kid: string): KeyObject {
  try {
    return createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' });
  } catch (cause) {
    throw corrupt(`${kid} holds no private key`, cause);
  } finally {
    secret.fill(0);
  }
}

function sameJson(a: object, b: object): boolean {
  const bytes = (value: object): Buffer => Buffer.from(canonicalBytes(value as JsonObject));
  return bytes(a).equals(bytes(b));
}

function corrupt(what: string, cause?: unknown): Error {
  return custodyRefusal(
    'key_file_corrupt',
    `A key file ${what}. Restore it from a backup, or move it away to give the key up for ever.`,
    { cause },
  );
}
