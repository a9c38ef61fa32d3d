// SHA-256 values cross our doors as 64 lower-case hexadecimal digits and are stored as 32 bytes.

import { auditError } from './audit-error.ts';

const HASH = /^[0-9a-f]{64}$/;

/** @throws CodedError `issued_malformed` */
export function hashBytes(hex: string): Uint8Array {
  if (!HASH.test(hex)) {
    throw auditError('issued_malformed', 'A hash is 64 lower-case hexadecimal digits.');
  }
  return Buffer.from(hex, 'hex');
}

export function optionalHashBytes(hex: string | undefined): Uint8Array | null {
  return hex === undefined ? null : hashBytes(hex);
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
