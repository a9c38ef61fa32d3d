// Who one end of a TLS connection is and whom it believes: certificate, key and the authority of
// the other side, read from files or from inherited descriptors.

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CodedError } from '@countersign/vocabulary';

/** Path of a file, or the number of an open descriptor. */
export type PemSource = string | number;

export interface TlsIdentity {
  /** Own certificate, PEM; intermediates behind it. */
  certificate: Buffer;
  /** Its private key, PEM. */
  key: Buffer;
  /** Authorities that the other side's certificate must come from, PEM. */
  authority: Buffer;
}

export type TlsIdentityRefusal = 'certificate_unreadable';

const MOST_PEM_BYTES = 256 * 1024;

/** @throws CodedError `certificate_unreadable` that names the part and not its content */
export function readTlsIdentity(sources: Record<keyof TlsIdentity, PemSource>): TlsIdentity {
  const identity = {
    certificate: readPem('certificate', sources.certificate, /-----BEGIN CERTIFICATE-----/),
    key: readPem('key', sources.key, /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/),
    authority: readPem('authority', sources.authority, /-----BEGIN CERTIFICATE-----/),
  };
  certificateFingerprint(identity.certificate);
  return identity;
}

/**
 * SHA-256 of a certificate's DER, 64 lower-case hexadecimal digits: how a client is allowed by name.
 * @throws CodedError `certificate_unreadable`
 */
export function certificateFingerprint(certificate: Buffer): string {
  try {
    return fingerprintOf(new X509Certificate(certificate));
  } catch (cause) {
    throw unreadable('certificate', 'does not parse', cause);
  }
}

export function fingerprintOf({ fingerprint256 }: Pick<X509Certificate, 'fingerprint256'>): string {
  return fingerprint256.replaceAll(':', '').toLowerCase();
}

function readPem(part: keyof TlsIdentity, source: PemSource, kind: RegExp): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(source);
  } catch (cause) {
    throw unreadable(part, 'cannot be read', cause);
  }
  if (bytes.length > MOST_PEM_BYTES || !kind.test(bytes.toString('latin1'))) {
    throw unreadable(part, `is not PEM of at most ${MOST_PEM_BYTES} bytes`);
  }
  return bytes;
}

function unreadable(part: string, what: string, cause?: unknown): CodedError<TlsIdentityRefusal> {
  return new CodedError('certificate_unreadable', `The TLS ${part} ${what}.`, { cause });
}
