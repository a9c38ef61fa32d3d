// Whether the token was shown the way it must be: a token bound to a key only with a proof of that
// key, and never as Bearer (RFC 9449 §7.1); an unbound one never under the DPoP scheme.

import { VerificationError } from '../refusal.ts';
import { checkProof, type ProofRules } from './check-proof.ts';

/** How the request carried the token. */
export interface SenderHttp {
  method: string;
  /** Absolute URL of the request as the client sees it. */
  url: string;
  scheme: 'Bearer' | 'DPoP';
  dpopProof?: string | undefined;
}

export interface SenderBinding {
  /** Claim `cnf` of the verified token, as parsed. */
  confirmation: unknown;
  accessToken: string;
  /** Absent when the caller did not say how the token came. */
  http?: SenderHttp | undefined;
  nowMs: number;
  rules: ProofRules;
}

const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;

/**
 * The key thumbprint the sender proved, undefined for a plain bearer token.
 * @throws VerificationError dpop_* or claim_malformed
 */
export async function checkSenderBinding(binding: SenderBinding): Promise<string | undefined> {
  const { confirmation, http } = binding;
  if (confirmation === undefined) {
    if (http?.scheme !== 'DPoP') return undefined;
    throw new VerificationError(
      'dpop_mismatch',
      'The token was sent under the DPoP scheme but is not bound to a key.',
    );
  }
  const thumbprint = readThumbprint(confirmation);
  if (http === undefined || http.scheme !== 'DPoP' || http.dpopProof === undefined) {
    throw new VerificationError(
      'dpop_missing',
      'The token is bound to a key: send it under the DPoP scheme with a DPoP proof.',
    );
  }
  await checkProof(
    {
      proof: http.dpopProof,
      method: http.method,
      url: http.url,
      accessToken: binding.accessToken,
      thumbprint,
      nowMs: binding.nowMs,
    },
    binding.rules,
  );
  return thumbprint;
}

function readThumbprint(confirmation: unknown): string {
  if (typeof confirmation === 'object' && confirmation !== null && 'jkt' in confirmation) {
    const { jkt, ...others } = confirmation;
    // Another confirmation method beside it is one we cannot check: refused, not ignored.
    if (typeof jkt === 'string' && THUMBPRINT.test(jkt) && Object.keys(others).length === 0) {
      return jkt;
    }
  }
  throw new VerificationError(
    'claim_malformed',
    'The cnf claim must hold exactly one member, jkt, a SHA-256 JWK thumbprint.',
  );
}
