// Private keys of a witness at rest, in a file that only its user may read. With a passphrase they
// are sealed besides: AES-256-GCM under argon2id (RFC 9106), bound to what they are for.

import { argon2Sync, createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { decodeBase64url, encodeBase64url } from '@countersign/verifier';
import { refusal } from '../watcher-error.ts';

export interface KeyBox {
  /** `plain`: whoever reads the file has the keys. */
  seal: 'plain' | 'argon2id-aes-256-gcm';
  salt?: string;
  nonce?: string;
  bytes: string;
}

const MEMORY_KIB = 64 * 1024;
const PASSES = 3;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const LEAST_PASSPHRASE_BYTES = 16;

/** @param bound authenticated with the keys, so that no box can stand for another */
export function sealKeys(
  keys: Uint8Array,
  bound: Uint8Array,
  passphrase: Uint8Array | undefined,
): KeyBox {
  if (passphrase === undefined) return { seal: 'plain', bytes: encodeBase64url(keys) };
  const salt = randomBytes(SALT_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', wrappingKey(passphrase, salt), nonce);
  cipher.setAAD(bound);
  const sealed = Buffer.concat([cipher.update(keys), cipher.final(), cipher.getAuthTag()]);
  return {
    seal: 'argon2id-aes-256-gcm',
    salt: encodeBase64url(salt),
    nonce: encodeBase64url(nonce),
    bytes: encodeBase64url(sealed),
  };
}

/** @throws CodedError `key_unreadable` */
export function openKeys(
  box: KeyBox,
  bound: Uint8Array,
  passphrase: Uint8Array | undefined,
): Uint8Array {
  const bytes = decode(box.bytes);
  if (box.seal === 'plain') return bytes;
  if (passphrase === undefined) {
    throw refusal('key_unreadable', 'The keys are sealed: give the passphrase file.');
  }
  const [salt, nonce] = [decode(box.salt), decode(box.nonce)];
  if (nonce.length !== NONCE_BYTES || salt.length !== SALT_BYTES || bytes.length <= TAG_BYTES) {
    throw refusal('key_unreadable', 'The key file is damaged.');
  }
  const key = wrappingKey(passphrase, salt);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(bound);
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    const message = 'The keys are damaged or do not open with this passphrase.';
    throw refusal('key_unreadable', message, { cause });
  }
}

function wrappingKey(passphrase: Uint8Array, salt: Uint8Array): Uint8Array {
  if (passphrase.length < LEAST_PASSPHRASE_BYTES) {
    throw refusal('key_unreadable', `The passphrase has at least ${LEAST_PASSPHRASE_BYTES} bytes.`);
  }
  return argon2Sync('argon2id', {
    message: passphrase,
    nonce: salt,
    parallelism: 1,
    tagLength: 32,
    memory: MEMORY_KIB,
    passes: PASSES,
  });
}

function decode(text: unknown): Uint8Array {
  const bytes = typeof text === 'string' ? decodeBase64url(text) : undefined;
  if (bytes === undefined) throw refusal('key_unreadable', 'The key file is damaged.');
  return bytes;
}
