// What a reported token says about itself, as far as matching it with the ledger needs. Nothing here
// is believed: the signature is checked later, by the injected `verifyEvidence`.

import { createHash } from 'node:crypto';
import { hexOf } from '../hex-bytes.ts';

export interface EvidenceFacts {
  tokenHash: Uint8Array;
  /** Of the ASCII `header.payload`: an ECDSA signature can be rewritten by anyone, this cannot. */
  signingInputHash: Uint8Array;
  /** Undefined when the payload names no `jti`. */
  jtiHash: Uint8Array | undefined;
}

/** Undefined when the text is not a compact JWS. */
export function readEvidence(token: string): EvidenceFacts | undefined {
  const [header, payload, signature, ...more] = token.split('.');
  if (header === undefined || payload === undefined || !signature || more.length > 0) {
    return undefined;
  }
  const jti = readJti(payload);
  return {
    tokenHash: sha256(token),
    signingInputHash: sha256(`${header}.${payload}`),
    jtiHash: jti === undefined ? undefined : sha256(jti),
  };
}

/** The journal holds what was signed under that row, and the reconciler has compared it. */
export function isSameInput(
  row: { signing_input_hash: Uint8Array },
  { signingInputHash }: Pick<EvidenceFacts, 'signingInputHash'>,
): boolean {
  return hexOf(row.signing_input_hash) === hexOf(signingInputHash);
}

function readJti(payload: string): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    if (typeof claims === 'object' && claims !== null && 'jti' in claims) {
      return typeof claims.jti === 'string' ? claims.jti : undefined;
    }
    return undefined;
  } catch {
    // No JSON, so no id: the token then matches nothing in the ledger, which is the safe reading.
    return undefined;
  }
}

function sha256(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}
