// A private key that can sign and do nothing else: no method of this object, and no other object,
// gives the key out. What a running process holds in memory is guarded by the process (C-10).

import { type KeyObject, sign } from 'node:crypto';
import type { SignatureAlg } from '../scope/key-scope.ts';

export class SigningKey {
  readonly #privateKey: KeyObject;
  readonly #alg: SignatureAlg;

  constructor(privateKey: KeyObject, alg: SignatureAlg) {
    this.#privateKey = privateKey;
    this.#alg = alg;
  }

  /**
   * The raw signature of RFC 7518 §3.4 (r || s), RFC 8037 §3.1 or RFC 7518 §3.3. ECDSA and Ed25519
   * take some 25 µs, less than a trip to the thread pool; RSA takes ten times that and goes there.
   */
  sign(input: Uint8Array): Uint8Array | Promise<Uint8Array> {
    if (this.#alg === 'ES256') {
      return sign('sha256', input, { key: this.#privateKey, dsaEncoding: 'ieee-p1363' });
    }
    if (this.#alg === 'EdDSA') return sign(null, input, this.#privateKey);
    return new Promise((resolve, reject) => {
      sign('sha256', input, this.#privateKey, (error, signature) =>
        error === null ? resolve(signature) : reject(error),
      );
    });
  }
}
