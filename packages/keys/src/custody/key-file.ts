// The file of one key: everything said about it in the clear, the private half sealed and bound to
// all the rest. Where the private half is in a token or a cloud, `custody` says how to find it, and
// what is sealed is a constant: the seal still shows that nobody changed the file (its scope!).

import { z } from 'zod';
import {
  type KeyScope,
  keyScopeSchema,
  type SignatureAlg,
  signatureAlgSchema,
} from '../scope/key-scope.ts';
import { canonicalBytes, type JsonObject } from './canonical-json.ts';
import { cloudReferenceSchema, tokenReferenceSchema } from './custody.ts';
import { kdfSchema } from './derive-key.ts';
import { type PublicSigningJwk, publicJwkSchema } from './public-jwk.ts';
import { sealedSchema } from './seal.ts';

/** RSA-3072 with a full scope stays below half of this. */
export const KEY_FILE_LIMIT_BYTES = 256 * 1024;

/** RFC 7638 SHA-256 thumbprint: a kid names one public key for ever and cannot be reused (C-06). */
export const kidSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

export const keyFileSchema = z.strictObject({
  /** Since 2 the record of lives must know the key. */
  version: z.literal([1, 2]),
  kid: kidSchema,
  alg: signatureAlgSchema,
  createdMs: z.int().min(0),
  scope: keyScopeSchema,
  publicJwk: publicJwkSchema,
  custody: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('software'), kdf: kdfSchema }),
    z.strictObject({
      kind: z.literal('pkcs11'),
      kdf: kdfSchema,
      reference: tokenReferenceSchema,
    }),
    z.strictObject({
      kind: z.literal('aws-kms'),
      kdf: kdfSchema,
      reference: cloudReferenceSchema,
    }),
  ]),
  sealed: sealedSchema,
});

export type KeyFile = z.infer<typeof keyFileSchema>;
export type UnsealedKeyFile = Omit<KeyFile, 'sealed'>;

export interface KeyFileRecord {
  kid: string;
  alg: SignatureAlg;
  scope: KeyScope;
  publicJwk: PublicSigningJwk;
  createdMs: number;
}

/** What the seal is bound to: the whole file but the seal itself. */
export function boundBytes(file: UnsealedKeyFile): Uint8Array {
  return canonicalBytes(file as unknown as JsonObject);
}

export function encodeKeyFile(file: KeyFile): Uint8Array {
  return Buffer.from(`${JSON.stringify(file, null, 2)}\n`, 'utf8');
}
