// JOSE carries ECDSA as r || s (RFC 7518 §3.4); OpenSSL wants DER (RFC 3279 §2.2.3). Converting
// here lets Node verify with a bare KeyObject, which is tens of microseconds cheaper than options.

import { Buffer } from 'node:buffer';
import { ECDSA_SIGNATURE_BYTES } from './verification-key.ts';

const SEQUENCE = 0x30;
const INTEGER = 0x02;

/** `undefined` unless the signature is exactly 64 bytes. */
export function ecdsaToDer(signature: Uint8Array): Uint8Array | undefined {
  if (signature.length !== ECDSA_SIGNATURE_BYTES) return undefined;
  const r = minimalInteger(signature, 0);
  const s = minimalInteger(signature, 32);
  const rPad = (signature[r] ?? 0) >= 0x80 ? 1 : 0;
  const sPad = (signature[s] ?? 0) >= 0x80 ? 1 : 0;
  const rSize = 32 - r + rPad;
  const sSize = 64 - s + sPad;
  // From Node's pool: an array of its own over 64 bytes costs more than the conversion.
  const der = Buffer.allocUnsafe(6 + rSize + sSize);
  der[0] = SEQUENCE;
  der[1] = 4 + rSize + sSize;
  der[2] = INTEGER;
  der[3] = rSize;
  // A leading zero keeps the number positive; where none is needed the loop writes over it.
  der[4] = 0;
  for (let at = r; at < 32; at += 1) der[4 + rPad + at - r] = signature[at] ?? 0;
  der[4 + rSize] = INTEGER;
  der[5 + rSize] = sSize;
  der[6 + rSize] = 0;
  for (let at = s; at < 64; at += 1) der[6 + rSize + sPad + at - s] = signature[at] ?? 0;
  return der;
}

/** Offset of the first byte of the 32-byte half that DER keeps. */
function minimalInteger(signature: Uint8Array, from: number): number {
  let at = from;
  while (at < from + 31 && signature[at] === 0) at += 1;
  return at;
}
