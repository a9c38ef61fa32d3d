// The fast path: synchronous node:crypto with bare KeyObjects, and Buffer for base64. Chosen by
// the `#platform` import under the `node` condition; web.ts has the same exports.

import { Buffer } from 'node:buffer';
import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { FormatError } from '../format-error.ts';
import type { SignatureAlgorithm } from '../ports.ts';
import { ecdsaToDer } from './ecdsa-der.ts';
import {
  ED25519_SIGNATURE_BYTES,
  MLDSA44_KEY_BYTES,
  MLDSA44_SIGNATURE_BYTES,
  MLDSA44_SPKI_PREFIX,
  publicJwkMembers,
  type VerificationKey,
} from './verification-key.ts';

export const platformName = 'node';

// Bytes that are used up before the function that wrote them returns; fresh ones cost more than
// what is done with them. Holds any token of the default size.
const scratch = Buffer.allocUnsafeSlow(16_384);
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function sha256(data: Uint8Array): Uint8Array<ArrayBuffer> {
  // The text form skips the allocation of a native buffer: a third of the cost of 'buffer'.
  const text = hash('sha256', data, 'latin1');
  const digest = new Uint8Array(32);
  for (let at = 0; at < 32; at += 1) digest[at] = text.charCodeAt(at);
  return digest;
}

/** SHA-256 of the UTF-8 bytes of a text, as 32 characters U+0000–U+00FF: a compact Map key. */
export function sha256Key(text: string): string {
  return hash('sha256', text, 'latin1');
}

export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? new Uint8Array(bytes) : undefined;
}

/** As `decodeBase64url`, but perhaps a view of memory that is shared with other views: not to keep. */
export function viewBase64url(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? new Uint8Array(bytes) : undefined;
}

export function encodeBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/**
 * The text whose UTF-8 bytes a canonical base64url text spells; undefined when it is not canonical.
 * @throws TypeError when the bytes are not UTF-8
 */
export function decodeBase64urlText(text: string): string | undefined {
  const buffer = text.length <= scratch.length ? scratch : Buffer.allocUnsafe(text.length);
  const size = buffer.write(text, 0, 'base64url');
  if (buffer.toString('base64url', 0, size) !== text) return undefined;
  const decoded = buffer.toString('utf8', 0, size);
  // The quick decoder puts U+FFFD for what is not UTF-8; the strict one can tell it from a real one.
  return decoded.includes('\ufffd') ? strictUtf8.decode(buffer.subarray(0, size)) : decoded;
}

/** Bytes of a text that is known to be ASCII. */
export function asciiBytes(text: string): Uint8Array<ArrayBuffer> {
  return Buffer.from(text, 'latin1');
}

/** @throws FormatError `key_malformed` */
export function importPublicJwk(
  jwk: JsonWebKey,
  alg: SignatureAlgorithm,
): VerificationKey | Promise<VerificationKey> {
  const members = publicJwkMembers(jwk, alg);
  const native = createNativeKey(members);
  const ed25519 = alg === 'EdDSA' ? decodeBase64url(members.x ?? '') : undefined;
  return { alg, native, ed25519 };
}

function createNativeKey(members: JsonWebKey): KeyObject {
  try {
    return createPublicKey({ key: { ...members }, format: 'jwk' });
  } catch (cause) {
    throw new FormatError('key_malformed', 'The JWK does not hold a usable public key.', cause);
  }
}

/** False for any signature that is not this key's over this data, whatever its shape. */
export function verifySignature(
  key: VerificationKey,
  data: Uint8Array,
  signature: Uint8Array,
): boolean | Promise<boolean> {
  const native = key.native as KeyObject;
  const given = nativeSignature(key, signature);
  return given !== undefined && verify(digestOf(key), data, native, given);
}

/** As `verifySignature`, over the bytes of a text that is known to be ASCII. */
export function verifySignatureOfText(
  key: VerificationKey,
  text: string,
  signature: Uint8Array,
): boolean | Promise<boolean> {
  if (text.length > scratch.length) return verifySignature(key, asciiBytes(text), signature);
  // Verification is over before anything else can write to the scratch bytes.
  const size = scratch.write(text, 0, 'latin1');
  return verifySignature(key, scratch.subarray(0, size), signature);
}

/**
 * True when the signature is this ML-DSA-44 key's (FIPS 204, pure, empty context); undefined where
 * the platform does not know ML-DSA.
 */
export function verifyMlDsa44(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean | undefined | Promise<boolean | undefined> {
  if (publicKey.length !== MLDSA44_KEY_BYTES) return false;
  if (signature.length !== MLDSA44_SIGNATURE_BYTES) return false;
  const spki = Buffer.concat([MLDSA44_SPKI_PREFIX, publicKey]);
  let key: KeyObject;
  try {
    key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  } catch {
    // Any 1,312 bytes are a key, so this is an OpenSSL older than 3.5.
    return undefined;
  }
  return verify(null, message, key, signature);
}

function digestOf({ alg }: VerificationKey): 'sha256' | null {
  return alg === 'EdDSA' ? null : 'sha256';
}

/** The signature as OpenSSL wants it; undefined for a size that cannot be right. */
function nativeSignature({ alg }: VerificationKey, signature: Uint8Array): Uint8Array | undefined {
  if (alg === 'RS256') return signature;
  if (alg === 'ES256') return ecdsaToDer(signature);
  return signature.length === ED25519_SIGNATURE_BYTES ? signature : undefined;
}
