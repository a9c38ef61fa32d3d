// What a web session, a socket or a stream stands on: the token that it was made out of, without the
// token. Plain data, so that it can lie with the session in any store and be judged in any process.

import type { VerifiedToken } from '../token/token-context.ts';

export interface SessionGround {
  readonly version: 1;
  readonly issuer: string;
  readonly kid: string;
  readonly alg: string;
  readonly typ: string;
  /** base64url SHA-256 thumbprint (RFC 7638) of the key that signed, where its source tells it. */
  readonly keyThumbprint?: string;
  /** Lower-case hex SHA-256 of the compact token. */
  readonly tokenHash: string;
  /** Where the token is in a log; absent only when the policy asked for no receipt. */
  readonly logOrigin?: string;
  readonly logIndex?: number;
  readonly issuedAtSeconds: number;
  readonly expiresAtSeconds: number;
}

/** To be kept with whatever is made out of the token, instead of the token. */
export function groundOf(verified: VerifiedToken): SessionGround {
  const { claims, header, receipt, tokenHash, keyThumbprint } = verified;
  return {
    version: 1,
    issuer: claims.iss,
    kid: header.kid,
    alg: header.alg,
    typ: header.typ,
    ...(keyThumbprint === undefined ? {} : { keyThumbprint }),
    tokenHash,
    ...(receipt === undefined ? {} : { logOrigin: receipt.origin, logIndex: receipt.index }),
    issuedAtSeconds: claims.iat,
    expiresAtSeconds: claims.exp,
  };
}

/** A store may have lost or mixed up what it was given: what is no ground carries no session. */
export function isSessionGround(given: unknown): given is SessionGround {
  if (typeof given !== 'object' || given === null) return false;
  const ground = given as Partial<Record<keyof SessionGround, unknown>>;
  const { version, issuer, kid, alg, typ, tokenHash, keyThumbprint, logOrigin, logIndex } = ground;
  return (
    version === 1 &&
    [issuer, kid, alg, typ, tokenHash].every((value) => typeof value === 'string') &&
    (keyThumbprint === undefined || typeof keyThumbprint === 'string') &&
    (logOrigin === undefined) === (logIndex === undefined) &&
    (logOrigin === undefined || (typeof logOrigin === 'string' && isCount(logIndex))) &&
    isCount(ground.issuedAtSeconds) &&
    isCount(ground.expiresAtSeconds)
  );
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
