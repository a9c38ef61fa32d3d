// What the client of a refused request is told: status, challenge (RFC 6750 §3, RFC 9449 §7.1) and
// a problem document (RFC 9457). An honest client is told what it can mend; whoever shows a forged
// token learns no more than with a garbled one.

import type { RefusalCode, VerificationError } from '../refusal.ts';
import type { CredentialFault } from './read-credentials.ts';

export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  /** JSON text. */
  body: string;
}

export interface ChallengeOptions {
  /** `realm` of the challenges; none by default. */
  realm?: string;
  /** Gives the nonce that DPoP proofs must carry (RFC 9449 §9). */
  dpopNonce?: () => string;
}

const PROOF_ALGORITHMS = 'ES256 EdDSA RS256';
/** When keys, feed or log are away: they are asked again within this. */
const RETRY_AFTER_SECONDS = 5;

/** All else is `invalid_token` to the outside: the reason is the resource server's own business. */
const CLIENT_CAN_MEND: ReadonlySet<RefusalCode> = new Set([
  'token_expired',
  'token_not_yet_valid',
  'token_revoked',
  'token_replayed',
  'audience_mismatch',
  'scope_insufficient',
  'dpop_missing',
  'dpop_malformed',
  'dpop_mismatch',
  'dpop_expired',
  'dpop_replayed',
  'dpop_nonce_required',
]);

/** The answer to a request without a token: both schemes, no error (RFC 6750 §3). */
export function challengeAnswer(options: ChallengeOptions): HttpAnswer {
  const challenges = [
    challenge('Bearer', options, {}),
    challenge('DPoP', options, { algs: PROOF_ALGORITHMS }),
  ];
  return answer(401, 'An access token is needed.', undefined, {
    'www-authenticate': challenges.join(', '),
    ...nonceHeader(options),
  });
}

/** The answer to a request whose credentials cannot be read. */
export function faultAnswer(fault: CredentialFault, options: ChallengeOptions): HttpAnswer {
  const parameters = { error: 'invalid_request', error_description: fault.message };
  return answer(400, fault.message, 'invalid_request', {
    'www-authenticate': challenge('Bearer', options, parameters),
  });
}

export function refusalAnswer(
  refusal: VerificationError,
  scheme: 'Bearer' | 'DPoP',
  options: ChallengeOptions,
): HttpAnswer {
  if (refusal.status === 503) return unavailableAnswer();
  const code = CLIENT_CAN_MEND.has(refusal.code) ? refusal.code : 'invalid_token';
  const title = refusal.status === 403 ? 'More scope is needed.' : 'The access token is refused.';
  const needsProof = refusal.code.startsWith('dpop_');
  const parameters = errorParameters(refusal);
  const shown = needsProof ? 'DPoP' : scheme;
  if (shown === 'DPoP') parameters.algs = PROOF_ALGORITHMS;
  return answer(refusal.status, title, code, {
    'www-authenticate': challenge(shown, options, parameters),
    ...(needsProof ? nonceHeader(options) : {}),
  });
}

/** The answer to a request whose session does not stand. @param final it never will again */
export function sessionAnswer(final: boolean, options: ChallengeOptions): HttpAnswer {
  if (!final) return unavailableAnswer();
  return answer(401, 'The session has ended; sign in again.', 'session_ended', {
    'www-authenticate': challenge('Bearer', options, { error: 'invalid_token' }),
  });
}

function unavailableAnswer(): HttpAnswer {
  return answer(503, 'Tokens cannot be judged now.', 'temporarily_unavailable', {
    'retry-after': String(RETRY_AFTER_SECONDS),
  });
}

function errorParameters(refusal: VerificationError): Record<string, string> {
  // The verifier's own challenge knows error and scope; its sentence stays inside.
  const error = /error="([a-z_]+)"/.exec(refusal.wwwAuthenticate)?.[1] ?? 'invalid_token';
  const scope = /scope="([^"]*)"/.exec(refusal.wwwAuthenticate)?.[1];
  return scope === undefined ? { error } : { error, scope };
}

function challenge(
  scheme: 'Bearer' | 'DPoP',
  options: ChallengeOptions,
  parameters: Record<string, string>,
): string {
  const realm: Record<string, string> = options.realm === undefined ? {} : { realm: options.realm };
  const all = Object.entries({ ...realm, ...parameters });
  // RFC 9110 §5.6.4: what a quoted string cannot hold plainly is left out.
  const quoted = all.map(
    ([name, value]) => `${name}="${value.replace(/[^\x20-\x7e]|["\\]/g, '')}"`,
  );
  return quoted.length === 0 ? scheme : `${scheme} ${quoted.join(', ')}`;
}

function nonceHeader(options: ChallengeOptions): Record<string, string> {
  return options.dpopNonce === undefined ? {} : { 'dpop-nonce': options.dpopNonce() };
}

function answer(
  status: number,
  title: string,
  code: string | undefined,
  headers: Record<string, string>,
): HttpAnswer {
  const problem = { type: 'about:blank', title, status, ...(code === undefined ? {} : { code }) };
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      // A refusal is about this request only (RFC 9111 §3.5).
      'cache-control': 'no-store',
      ...headers,
    },
    body: JSON.stringify(problem),
  };
}
