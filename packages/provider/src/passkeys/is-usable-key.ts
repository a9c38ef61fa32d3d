// Whether a key that an authenticator hands over can check a signature at all: a point on its curve, a
// modulus long enough. The library keeps what it is given, and one that is cut short would count as a
// factor that its person can never prove.

import { createPublicKey, type webcrypto } from 'node:crypto';
import { decodeCredentialPublicKey } from '@simplewebauthn/server/helpers';

const LEAST_RSA_BITS = 2048;

const ALGORITHM_OF: ReadonlyMap<unknown, unknown> = new Map([
  [1, -8],
  [2, -7],
  [3, -257],
]);

type Cose = ReadonlyMap<number, unknown>;

/** @param publicKey COSE_Key (RFC 9052 §7), of any content. */
export function isUsableKey(publicKey: Uint8Array<ArrayBuffer>): boolean {
  try {
    const cose = decodeCredentialPublicKey(publicKey) as unknown as Cose;
    const key = createPublicKey({ key: toJwk(cose), format: 'jwk' });
    const { modulusLength = LEAST_RSA_BITS } = key.asymmetricKeyDetails ?? {};
    return modulusLength >= LEAST_RSA_BITS;
  } catch {
    return false;
  }
}

/** RFC 9053 §7: kty 1 OKP, 2 EC2; RFC 8230 §4: kty 3 RSA. Each with the algorithm that is asked for. */
function toJwk(cose: Cose): webcrypto.JsonWebKey {
  const [type, algorithm] = [cose.get(1), cose.get(3)];
  if (ALGORITHM_OF.get(type) !== algorithm) throw new Error('another algorithm');
  switch (type) {
    case 1:
      return { kty: 'OKP', crv: curve(cose, 6, 'Ed25519'), x: bytes(cose, -2, 32) };
    case 2:
      return {
        ...{ kty: 'EC', crv: curve(cose, 1, 'P-256') },
        ...{ x: bytes(cose, -2, 32), y: bytes(cose, -3, 32) },
      };
    case 3:
      return { kty: 'RSA', n: bytes(cose, -1), e: bytes(cose, -2) };
    default:
      throw new Error('another kind of key');
  }
}

function curve(cose: Cose, number: number, name: string): string {
  if (cose.get(-1) !== number) throw new Error('another curve');
  return name;
}

function bytes(cose: Cose, label: number, length?: number): string {
  const value = cose.get(label);
  if (!(value instanceof Uint8Array)) throw new Error('not bytes');
  if (length !== undefined && value.length !== length) throw new Error('another length');
  return Buffer.from(value).toString('base64url');
}
