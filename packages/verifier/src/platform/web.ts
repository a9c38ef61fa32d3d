// Workers, browsers and every other runtime with WebCrypto. Hashing and base64 are our own, so
// that they are synchronous; signatures are WebCrypto's and therefore promises.

import {
  decodeBase64Portable,
  decodeBase64urlPortable,
  encodeBase64Portable,
  encodeBase64urlPortable,
} from '../bytes/base64-portable.ts';
import { concatBytes } from '../bytes/join-bytes.ts';
import { FormatError } from '../format-error.ts';
import type { SignatureAlgorithm } from '../ports.ts';
import { sha256Portable } from './sha256-portable.ts';
import {
  MLDSA44_KEY_BYTES,
  MLDSA44_SIGNATURE_BYTES,
  MLDSA44_SPKI_PREFIX,
  publicJwkMembers,
  type VerificationKey,
} from './verification-key.ts';

export const platformName = 'web';

export const decodeBase64url = decodeBase64urlPortable;
export const viewBase64url = decodeBase64urlPortable;
export const decodeBase64 = decodeBase64Portable;
export const encodeBase64url = encodeBase64urlPortable;
export const encodeBase64 = encodeBase64Portable;
export const sha256 = sha256Portable;

const encoder = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** SHA-256 of the UTF-8 bytes of a text, as 32 characters U+0000–U+00FF: a compact Map key. */
export function sha256Key(text: string): string {
  return String.fromCharCode(...sha256Portable(encoder.encode(text)));
}

/**
 * The text whose UTF-8 bytes a canonical base64url text spells; undefined when it is not canonical.
 * @throws TypeError when the bytes are not UTF-8
 */
export function decodeBase64urlText(text: string): string | undefined {
  const bytes = decodeBase64urlPortable(text);
  return bytes && strictUtf8.decode(bytes);
}

/** Bytes of a text that is known to be ASCII. */
export function asciiBytes(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

const IMPORT: Record<SignatureAlgorithm, EcKeyImportParams | RsaHashedImportParams | Algorithm> = {
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  EdDSA: { name: 'Ed25519' },
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
};

const VERIFY: Record<SignatureAlgorithm, EcdsaParams | Algorithm> = {
  ES256: { name: 'ECDSA', hash: 'SHA-256' },
  EdDSA: { name: 'Ed25519' },
  RS256: { name: 'RSASSA-PKCS1-v1_5' },
};

/** @throws FormatError `key_malformed` */
export async function importPublicJwk(
  jwk: JsonWebKey,
  alg: SignatureAlgorithm,
): Promise<VerificationKey> {
  const members = publicJwkMembers(jwk, alg);
  const ed25519 = alg === 'EdDSA' ? decodeBase64url(members.x ?? '') : undefined;
  try {
    const native = await crypto.subtle.importKey('jwk', members, IMPORT[alg], false, ['verify']);
    return { alg, native, ed25519 };
  } catch (cause) {
    throw new FormatError('key_malformed', 'The JWK does not hold a usable public key.', cause);
  }
}

/** False for any signature that is not this key's over this data, whatever its shape. */
export function verifySignature(
  key: VerificationKey,
  data: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  // WebCrypto wants bytes that no other thread can change; a copy is never on shared memory.
  return crypto.subtle.verify(
    VERIFY[key.alg],
    key.native as CryptoKey,
    new Uint8Array(signature),
    new Uint8Array(data),
  );
}

/** As `verifySignature`, over the bytes of a text that is known to be ASCII. */
export function verifySignatureOfText(
  key: VerificationKey,
  text: string,
  signature: Uint8Array,
): Promise<boolean> {
  return verifySignature(key, asciiBytes(text), signature);
}

/**
 * True when the signature is this ML-DSA-44 key's (FIPS 204, pure, empty context); undefined where
 * the platform does not know ML-DSA, as older browsers do not.
 */
export async function verifyMlDsa44(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean | undefined> {
  if (publicKey.length !== MLDSA44_KEY_BYTES) return false;
  if (signature.length !== MLDSA44_SIGNATURE_BYTES) return false;
  const algorithm = { name: 'ML-DSA-44' };
  const spki = concatBytes(MLDSA44_SPKI_PREFIX, publicKey);
  let key: CryptoKey;
  try {
    key = await crypto.subtle.importKey('spki', spki, algorithm, false, ['verify']);
  } catch {
    // Any 1,312 bytes are a key, so what is missing is the algorithm.
    return undefined;
  }
  const data = new Uint8Array(message);
  return crypto.subtle.verify(algorithm, key, new Uint8Array(signature), data);
}
