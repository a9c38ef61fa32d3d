// The engine wants keys it can list and select from; it gets their public halves. Its own way to a
// signature is closed: a token that did not take the main road is not signed at all.

import { createPublicKey, type KeyObject } from 'node:crypto';
import type { PublicKeyRecord } from '@countersign/keys';
import { CodedError } from '@countersign/vocabulary';
import type { ProviderCode } from '../provider-error.ts';
import { ExternalSigningKey } from './oidc-provider.ts';

export class ListedKey extends ExternalSigningKey {
  readonly #record: PublicKeyRecord;
  readonly #publicKey: KeyObject;

  constructor(record: PublicKeyRecord) {
    super();
    this.#record = record;
    const { kty, crv, x, y, n, e } = record.publicJwk;
    const bare = Object.fromEntries(
      Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined),
    );
    this.#publicKey = createPublicKey({ key: bare as JsonWebKey, format: 'jwk' });
  }

  override get kid(): string {
    return this.#record.kid;
  }

  override get alg(): string {
    return this.#record.alg;
  }

  override keyObject(): KeyObject {
    return this.#publicKey;
  }

  override sign(): never {
    throw new CodedError<ProviderCode>(
      'issuance_bypassed',
      'Only the main road asks the signer for a signature.',
    );
  }
}
