// Writes a private key down: exported once, sealed, and the export overwritten.

import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Random } from '@countersign/vocabulary';
import type { KeyScope, SignatureAlg } from '../scope/key-scope.ts';
import type { KdfParameters } from './derive-key.ts';
import { boundBytes, type KeyFile } from './key-file.ts';
import { publicSigningJwk } from './public-jwk.ts';
import { seal } from './seal.ts';

export interface SealingKey {
  key: KeyObject;
  kdf: KdfParameters;
}

export interface KeyToSeal {
  privateKey: KeyObject;
  alg: SignatureAlg;
  scope: KeyScope;
  createdMs: number;
}

export function sealKeyFile(toSeal: KeyToSeal, sealing: SealingKey, random: Random): KeyFile {
  const { privateKey, alg, scope, createdMs } = toSeal;
  const publicJwk = publicSigningJwk(createPublicKey(privateKey), alg, scope);
  const custody = { kind: 'software' as const, kdf: sealing.kdf };
  const file = {
    version: 1 as const,
    kid: publicJwk.kid,
    alg,
    createdMs,
    scope,
    publicJwk,
    custody,
  };
  const secret = privateKey.export({ format: 'der', type: 'pkcs8' });
  try {
    return { ...file, sealed: seal(sealing.key, secret, boundBytes(file), random) };
  } finally {
    secret.fill(0);
  }
}
