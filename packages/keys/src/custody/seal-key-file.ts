// Writes a key down. One that is held here is exported once, sealed, and the export overwritten.

import type { KeyObject } from 'node:crypto';
import type { Random } from '@countersign/vocabulary';
import type { KeyScope, SignatureAlg } from '../scope/key-scope.ts';
import type { KeyPlace, MadeKey } from './custody.ts';
import type { KdfParameters } from './derive-key.ts';
import { boundBytes, type KeyFile } from './key-file.ts';
import { publicSigningJwk } from './public-jwk.ts';
import { seal } from './seal.ts';

export interface SealingKey {
  key: KeyObject;
  kdf: KdfParameters;
}

export interface KeyToSeal extends MadeKey {
  alg: SignatureAlg;
  scope: KeyScope;
  createdMs: number;
}

/** What is sealed in the file of a key whose private half is elsewhere. */
export const SEALED_ELSEWHERE = Buffer.from('countersign/custody/elsewhere/v1', 'ascii');

export function sealKeyFile(toSeal: KeyToSeal, sealing: SealingKey, random: Random): KeyFile {
  const { publicKey, place, alg, scope, createdMs } = toSeal;
  const publicJwk = publicSigningJwk(publicKey, alg, scope);
  const { kid } = publicJwk;
  const custody = custodyOf(place, sealing.kdf);
  const file = { version: 2 as const, kid, alg, createdMs, scope, publicJwk, custody };
  const secret =
    place.kind === 'software'
      ? place.privateKey.export({ format: 'der', type: 'pkcs8' })
      : Buffer.from(SEALED_ELSEWHERE);
  try {
    return { ...file, sealed: seal(sealing.key, secret, boundBytes(file), random) };
  } finally {
    secret.fill(0);
  }
}

function custodyOf(place: KeyPlace, kdf: KdfParameters): KeyFile['custody'] {
  if (place.kind === 'software') return { kind: place.kind, kdf };
  return { ...place, kdf };
}
