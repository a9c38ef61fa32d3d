// All secrets the OpenID side needs, derived from one master secret that the server keeps in a file
// of mode 0600 and hands in: a realm's cookies and nonces are worthless in another realm, and the
// database holds none of them. A previous master still verifies cookies while it is phased out.

import { hkdfSync } from 'node:crypto';
import { CodedError, type RealmId } from '@countersign/vocabulary';
import type { ProviderCode } from '../provider-error.ts';

export interface ProviderSecrets {
  /** At least 32 random bytes. */
  current: Uint8Array;
  /** Masters that were replaced, newest first: cookies they signed are still accepted. */
  previous?: readonly Uint8Array[];
}

export interface RealmSecrets {
  cookieKeys: string[];
  /** 32 bytes (RFC 9449 §8: nonces the server can recognise without keeping them). */
  dpopNonceSecret: Buffer;
  formKey: Buffer;
  challengeKey: Buffer;
  referenceKey: Buffer;
}

const FEWEST_BYTES = 32;

/** @throws CodedError secret_too_short */
export function requireStrongSecrets({ current, previous = [] }: ProviderSecrets): void {
  if ([current, ...previous].some((master) => master.byteLength < FEWEST_BYTES)) {
    throw new CodedError<ProviderCode>(
      'secret_too_short',
      'The provider secret needs at least 32 random bytes.',
    );
  }
}

export function deriveRealmSecrets(secrets: ProviderSecrets, realm: RealmId): RealmSecrets {
  const masters = [secrets.current, ...(secrets.previous ?? [])];
  const derive = (master: Uint8Array, purpose: string) =>
    Buffer.from(hkdfSync('sha256', master, realm, `countersign/provider/${purpose}`, 32));
  return {
    cookieKeys: masters.map((master) => derive(master, 'cookies').toString('base64url')),
    dpopNonceSecret: derive(secrets.current, 'dpop-nonce'),
    formKey: derive(secrets.current, 'forms'),
    challengeKey: derive(secrets.current, 'passkey-challenges'),
    referenceKey: derive(secrets.current, 'references'),
  };
}
