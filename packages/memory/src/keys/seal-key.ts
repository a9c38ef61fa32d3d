// A key of the key book as it is stored: AES-256-GCM under a secret that is not in the database, bound
// to its tenant and generation.

import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from '@countersign/vocabulary';
import { memoryError } from '../memory-error.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

export function sealKey(
  sealing: Uint8Array,
  tenant: string,
  generation: number,
  key: Uint8Array,
  random: Random,
): Uint8Array {
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, sealing, nonce).setAAD(labelOf(tenant, generation));
  return Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
}

/** @throws CodedError `key_unreadable`: another secret, or other bytes. */
export function openKey(
  sealing: Uint8Array,
  tenant: string,
  generation: number,
  sealed: Uint8Array,
): Uint8Array {
  try {
    const tag = sealed.subarray(-TAG_BYTES);
    const decipher = createDecipheriv(CIPHER, sealing, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(labelOf(tenant, generation)).setAuthTag(tag);
    const body = sealed.subarray(NONCE_BYTES, -TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch (cause) {
    throw memoryError(
      'key_unreadable',
      'The keys of the risk memory cannot be read: put back the secret they were made with.',
      { cause },
    );
  }
}

function labelOf(tenant: string, generation: number): Buffer {
  return Buffer.from(`${tenant}\0${generation}`);
}
