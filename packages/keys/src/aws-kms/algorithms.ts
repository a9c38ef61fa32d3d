// What each of our algorithms is in AWS KMS, and how its answer becomes a JWS signature.

import { createHash } from 'node:crypto';
import type { KeySpec, MessageType, SigningAlgorithmSpec } from '@aws-sdk/client-kms';
import { signerRefusal } from '../keys-error.ts';
import type { SignatureAlg } from '../scope/key-scope.ts';

export interface KmsAlgorithm {
  keySpec: KeySpec;
  signing: SigningAlgorithmSpec;
  messageType: MessageType;
  /** @throws CodedError `too_large` */
  prepare(input: Uint8Array): Uint8Array;
  /** From what KMS gives to what RFC 7518 and RFC 8037 want. @throws Error when it is no signature */
  raw(signature: Uint8Array): Uint8Array;
}

/** KMS takes a message that it hashes itself up to this length. */
const RAW_MESSAGE_BYTES = 4096;

const sha256 = (input: Uint8Array): Uint8Array => createHash('sha256').update(input).digest();
const asItIs = (signature: Uint8Array): Uint8Array => signature;

export const KMS_ALGORITHMS: Readonly<Record<SignatureAlg, KmsAlgorithm>> = {
  ES256: {
    keySpec: 'ECC_NIST_P256',
    signing: 'ECDSA_SHA_256',
    messageType: 'DIGEST',
    prepare: sha256,
    raw: rawFromDer,
  },
  RS256: {
    keySpec: 'RSA_2048',
    signing: 'RSASSA_PKCS1_V1_5_SHA_256',
    messageType: 'DIGEST',
    prepare: sha256,
    raw: asItIs,
  },
  EdDSA: {
    keySpec: 'ECC_NIST_EDWARDS25519',
    signing: 'ED25519_SHA_512',
    messageType: 'RAW',
    prepare: (input) => {
      if (input.length <= RAW_MESSAGE_BYTES) return input;
      throw signerRefusal(
        'too_large',
        `AWS KMS signs at most ${RAW_MESSAGE_BYTES} bytes with Ed25519. Use ES256 for this issuer.`,
      );
    },
    raw: asItIs,
  },
};

const INTEGER_BYTES = 32;

/** ECDSA-Sig-Value (RFC 3279 §2.2.3) of P-256, to r || s. */
export function rawFromDer(der: Uint8Array): Uint8Array {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) throw new TypeError('not an ECDSA signature');
  const r = integerAt(der, 2);
  const s = integerAt(der, r.end);
  if (s.end !== der.length) throw new TypeError('not an ECDSA signature');
  return Buffer.concat([r.bytes, s.bytes]);
}

function integerAt(der: Uint8Array, at: number): { bytes: Buffer; end: number } {
  const length = der[at + 1] ?? 0;
  const end = at + 2 + length;
  const value = Buffer.from(der.subarray(at + 2, end));
  const bare = value[0] === 0 ? value.subarray(1) : value;
  const fits = length > 0 && value.length === length && bare.length <= INTEGER_BYTES;
  if (der[at] !== 0x02 || !fits) throw new TypeError('not an ECDSA signature');
  return { bytes: Buffer.concat([Buffer.alloc(INTEGER_BYTES - bare.length), bare]), end };
}
