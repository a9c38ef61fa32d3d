// A client that holds a key and proves it (RFC 9449), for tests.

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { sha256 } from '#platform';
import { encodeBase64url } from '../bytes/base64.ts';
import { utf8 } from '../bytes/join-bytes.ts';
import { keyThumbprint } from '../dpop/key-thumbprint.ts';
import { NOW, segment } from './test-issuer.ts';

export class TestHolder {
  readonly #privateKey: KeyObject;
  readonly #jwk: JsonWebKey;
  readonly thumbprint: string;
  #count = 0;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    this.#privateKey = privateKey;
    const { kty, crv, x } = publicKey.export({ format: 'jwk' });
    this.#jwk = { kty, crv, x };
    this.thumbprint = keyThumbprint({ kty, crv, x }) ?? '';
  }

  /** A proof for one request with this token; `claims` replace the sound ones. */
  prove(token: string, claims: Record<string, unknown> = {}): string {
    this.#count += 1;
    const header = segment({ typ: 'dpop+jwt', alg: 'EdDSA', jwk: this.#jwk });
    const payload = segment({
      jti: `proof-${this.#count}`,
      htm: 'GET',
      htu: 'https://api.example/mail',
      iat: NOW,
      ath: encodeBase64url(sha256(utf8(token))),
      ...claims,
    });
    const signature = sign(null, utf8(`${header}.${payload}`), this.#privateKey);
    return `${header}.${payload}.${encodeBase64url(signature)}`;
  }
}
