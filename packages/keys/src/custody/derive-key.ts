// From a passphrase to the key that seals key files: argon2id (RFC 9106). All files of a folder
// share one salt, so that a start costs one derivation; each file repeats the parameters, so that
// it can be opened, or backed up, alone.

import { argon2Sync, createSecretKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';

const SALT_BYTES = 16;
const SEALING_KEY_BYTES = 32;

/** Bounds on both sides: below, guessing is cheap; above, a doctored file could stop the process. */
export const kdfSchema = z.strictObject({
  name: z.literal('argon2id'),
  memoryKiB: z.int().min(19_456).max(1_048_576),
  passes: z.int().min(2).max(16),
  parallelism: z.int().min(1).max(16),
  /** Base64url. */
  salt: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
});

export type KdfParameters = z.infer<typeof kdfSchema>;

/** RFC 9106 §4, second choice: 64 MiB and three passes, about 0.2 s. */
export function newKdfParameters(salt: Uint8Array): KdfParameters {
  return {
    name: 'argon2id',
    memoryKiB: 65_536,
    passes: 3,
    parallelism: 1,
    salt: Buffer.from(salt.subarray(0, SALT_BYTES)).toString('base64url'),
  };
}

/** The AES-256 key for these parameters; the passphrase is left as it was. */
export function deriveSealingKey(passphrase: Uint8Array, kdf: KdfParameters): KeyObject {
  const derived = argon2Sync('argon2id', {
    message: passphrase,
    nonce: Buffer.from(kdf.salt, 'base64url'),
    parallelism: kdf.parallelism,
    tagLength: SEALING_KEY_BYTES,
    memory: kdf.memoryKiB,
    passes: kdf.passes,
  });
  const key = createSecretKey(derived);
  derived.fill(0);
  return key;
}

/**
 * The bytes of a passphrase as a file or a person gives it: one line end at the end does not
 * count, so that `echo` and `printf` write the same passphrase.
 */
export function passphraseBytes(passphrase: string | Uint8Array): Uint8Array {
  const bytes = typeof passphrase === 'string' ? Buffer.from(passphrase, 'utf8') : passphrase;
  let end = bytes.length;
  if (bytes[end - 1] === 0x0a) end -= 1;
  if (bytes[end - 1] === 0x0d) end -= 1;
  return bytes.subarray(0, end);
}
