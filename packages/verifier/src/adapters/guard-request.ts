// What all adapters do: read the token, have it verified for this request, and say what to answer
// when it is not. Frameworks differ only in how they carry headers and answers.

import type { Verifier } from '../create-verifier.ts';
import { urlObjection } from '../http/allow-url.ts';
import { isVerificationError, VerificationError } from '../refusal.ts';
import type { TokenContext, VerifiedToken } from '../token/token-context.ts';
import {
  type ChallengeOptions,
  challengeAnswer,
  faultAnswer,
  type HttpAnswer,
  refusalAnswer,
} from './describe-refusal.ts';
import { type CarryingHeaders, CredentialFault, readCredentials } from './read-credentials.ts';

export interface GuardOptions extends ChallengeOptions {
  verifier: Pick<Verifier, 'verifyToken'>;
  /** Identifier of this resource server, compared exactly. */
  audience: string;
  tenant?: string;
  issuer?: string;
  requiredClaims?: readonly string[];
  /** Scope values that every request through this guard needs. */
  scope?: readonly string[];
  /**
   * Scheme, host and path prefix as clients see them, for DPoP behind a proxy:
   * `https://api.example/v1`. Without it the socket and the Host header say so; forwarding headers
   * are never believed, because every client can send them.
   */
  publicUrl?: string;
}

/** One request, as its framework tells it. */
export interface GuardedRequest {
  method: string;
  /** Path and query as they came, beginning with a slash. */
  target: string;
  headers: CarryingHeaders;
  /** Scheme and host by which this server was reached, when `publicUrl` is not set. */
  seenOrigin: string;
  ip?: string | undefined;
  userAgent?: string | undefined;
}

export type GuardOutcome =
  | { verified: VerifiedToken; answer?: undefined }
  | { verified?: undefined; answer: HttpAnswer };

/** Checks the options once. @throws VerificationError `verifier_misconfigured` */
export function checkGuardOptions(options: GuardOptions): void {
  if (typeof options.audience !== 'string' || options.audience === '') {
    throw new VerificationError('verifier_misconfigured', 'A guard must be told its audience.');
  }
  const { publicUrl } = options;
  if (publicUrl === undefined) return;
  const objection = urlObjection(publicUrl);
  if (objection !== undefined || publicUrl.includes('?') || publicUrl.endsWith('/')) {
    throw new VerificationError(
      'verifier_misconfigured',
      'publicUrl is scheme, host and path prefix, without query and final slash.',
    );
  }
}

/** Rejects only for what is no refusal: a bug, which the framework turns into its own 500. */
export async function guardRequest(
  options: GuardOptions,
  request: GuardedRequest,
): Promise<GuardOutcome> {
  const [path = '', ...query] = request.target.split('?');
  let scheme: 'Bearer' | 'DPoP' = 'Bearer';
  try {
    const carried = readCredentials(request.headers, query.join('?'));
    if (carried === undefined) return { answer: challengeAnswer(options) };
    scheme = carried.scheme;
    const url = `${options.publicUrl ?? request.seenOrigin}${path}`;
    const context = describeContext(options, request, { ...carried, url });
    return { verified: await options.verifier.verifyToken(carried.token, context) };
  } catch (error) {
    if (error instanceof CredentialFault) return { answer: faultAnswer(error, options) };
    if (isVerificationError(error)) return { answer: refusalAnswer(error, scheme, options) };
    throw error;
  }
}

function describeContext(
  options: GuardOptions,
  request: GuardedRequest,
  carried: { scheme: 'Bearer' | 'DPoP'; dpopProof: string | undefined; url: string },
): TokenContext {
  const { audience, tenant, issuer, requiredClaims, scope } = options;
  const { url, scheme, dpopProof } = carried;
  return {
    audience,
    type: 'access',
    tenant,
    issuer,
    requiredClaims,
    scope,
    http: { method: request.method, url, scheme, dpopProof },
    ip: request.ip,
    userAgent: request.userAgent,
  };
}
