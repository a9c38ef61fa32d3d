// Keys held in this process, and sealed in their files. What a running process holds in memory is
// guarded by the process (C-10).

import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { signerRefusal } from '../keys-error.ts';
import type { SignatureAlg } from '../scope/key-scope.ts';
import type { Custody, SigningHandle } from './custody.ts';
import { makePrivateKey } from './make-key.ts';

export const softwareCustody: Custody = {
  kind: 'software',
  make: async (alg) => {
    const privateKey = await makePrivateKey(alg);
    return { publicKey: createPublicKey(privateKey), place: { kind: 'software', privateKey } };
  },
  open: async ({ alg, place }) => {
    if (place.kind !== 'software') throw new TypeError(`a key of ${place.kind} is not held here`);
    return new SoftwareKey(place.privateKey, alg);
  },
  close: async () => undefined,
};

class SoftwareKey implements SigningHandle {
  #privateKey: KeyObject | undefined;
  readonly #alg: SignatureAlg;
  #made = 0;

  constructor(privateKey: KeyObject, alg: SignatureAlg) {
    this.#privateKey = privateKey;
    this.#alg = alg;
  }

  get made(): number {
    return this.#made;
  }

  /**
   * ECDSA and Ed25519 take some 25 µs, less than a trip to the thread pool; RSA takes ten times
   * that and goes there.
   */
  sign(input: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const key = this.#privateKey;
    if (key === undefined) throw signerRefusal('key_expired', 'The key signs no more.');
    if (this.#alg === 'RS256') return this.#signRsa(key, input);
    const signature =
      this.#alg === 'ES256'
        ? sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' })
        : sign(null, input, key);
    this.#made += 1;
    return signature;
  }

  away(): undefined {
    return undefined;
  }

  forget(): void {
    this.#privateKey = undefined;
  }

  #signRsa(key: KeyObject, input: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      sign('sha256', input, key, (error, signature) => {
        if (error !== null) return reject(error);
        this.#made += 1;
        resolve(signature);
      });
    });
  }
}
