// A key file as signers wrote them before there was a record of lives: version 1, sealed under any
// salt, with a key that signed as soon as it was made.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemRandom } from '@countersign/vocabulary';
import { deriveSealingKey } from '../custody/derive-key.ts';
import { boundBytes, encodeKeyFile } from '../custody/key-file.ts';
import { publicSigningJwk } from '../custody/public-jwk.ts';
import { seal } from '../custody/seal.ts';
import { softwareCustody } from '../custody/software-custody.ts';
import type { KeyScope, SignatureAlg } from '../scope/key-scope.ts';
import { FAST_KDF, makeScope, NOW_MS } from './token-fixture.ts';

export interface OldKeyOptions {
  alg?: SignatureAlg;
  scope?: KeyScope;
  createdMs?: number;
  salt?: string;
}

/** Writes the file of a new key into `folder`, which is a signer's, and returns its kid. */
export async function writeOldKey(
  folder: string,
  passphrase: Uint8Array,
  options: OldKeyOptions = {},
): Promise<string> {
  const { alg = 'ES256', scope = makeScope(), createdMs = NOW_MS, salt = FAST_KDF.salt } = options;
  const { publicKey, place } = await softwareCustody.make(alg, 'old');
  if (place.kind !== 'software') throw new TypeError('old keys are held in software');
  const publicJwk = publicSigningJwk(publicKey, alg, scope);
  const { kid } = publicJwk;
  const kdf = { ...FAST_KDF, salt };
  const custody = { kind: 'software', kdf } as const;
  const file = { version: 1, kid, alg, createdMs, scope, publicJwk, custody } as const;
  const secret = place.privateKey.export({ format: 'der', type: 'pkcs8' });
  const sealed = seal(deriveSealingKey(passphrase, kdf), secret, boundBytes(file), systemRandom);
  mkdirSync(join(folder, 'keys'), { recursive: true });
  writeFileSync(join(folder, 'keys', `${kid}.json`), encodeKeyFile({ ...file, sealed }));
  return kid;
}
