// AES-256-GCM over a secret, bound to everything said beside it: change one byte of the rest of
// the file and the secret does not open.

import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import type { Random } from '@countersign/vocabulary';
import { z } from 'zod';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);

export const sealedSchema = z.strictObject({
  cipher: z.literal('A256GCM'),
  /** 12 random bytes, base64url; a sealing key seals far fewer than 2^32 secrets. */
  nonce: base64url.length(16),
  /** Ciphertext and 16-byte tag, base64url. */
  ciphertext: base64url.max(8192),
});

export type Sealed = z.infer<typeof sealedSchema>;

export function seal(
  key: KeyObject,
  secret: Uint8Array,
  beside: Uint8Array,
  random: Random,
): Sealed {
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(beside);
  const ciphertext = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  return {
    cipher: 'A256GCM',
    nonce: Buffer.from(nonce).toString('base64url'),
    ciphertext: ciphertext.toString('base64url'),
  };
}

/** The secret, which the caller must overwrite after use; undefined when it does not open. */
export function unseal(key: KeyObject, sealed: Sealed, beside: Uint8Array): Buffer | undefined {
  const bytes = Buffer.from(sealed.ciphertext, 'base64url');
  if (bytes.length < TAG_BYTES || bytes.toString('base64url') !== sealed.ciphertext) {
    return undefined;
  }
  const nonce = Buffer.from(sealed.nonce, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(beside);
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const secret = decipher.update(bytes.subarray(0, -TAG_BYTES));
  try {
    decipher.final();
    return secret;
  } catch {
    secret.fill(0);
    return undefined;
  }
}
