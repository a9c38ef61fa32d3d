// We ask for no attestation, and take none (WebAuthn Level 3 §5.4.7): whoever posts certificates would have
// the library follow them, and ask servers that they name whether they were revoked.

import { decodeAttestationObject, isoBase64URL } from '@simplewebauthn/server/helpers';

/**
 * @param attestationObject base64url, of any content.
 * @returns true for no attestation, and for a signature of the new key itself, which browsers hand on.
 */
export function attestsNothing(attestationObject: string | undefined): boolean {
  try {
    // Read as the library is going to read it: what one reader takes for nothing is not to be the other's.
    const attestation = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject ?? ''));
    const format = attestation.get('fmt');
    const certificates = attestation.get('attStmt').get('x5c');
    return format === 'none' || (format === 'packed' && certificates === undefined);
  } catch {
    return false;
  }
}
