// Makes a key pair in this process. RSA takes a while and runs on the thread pool, so that the
// signer goes on signing.

import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { SignatureAlg } from '../scope/key-scope.ts';

const generate = promisify(generateKeyPair);
/** 112 bits of strength, which NIST SP 800-57 accepts until 2030; no key lives longer than a year. */
const RSA_BITS = 2048;

export async function makePrivateKey(alg: SignatureAlg): Promise<KeyObject> {
  if (alg === 'ES256') return (await generate('ec', { namedCurve: 'P-256' })).privateKey;
  if (alg === 'EdDSA') return (await generate('ed25519')).privateKey;
  return (await generate('rsa', { modulusLength: RSA_BITS })).privateKey;
}
