// What the caller says about the request, and what it gets back. The context is the caller's own
// knowledge: nothing in it may come from the token.

import type { RefusalCode } from '../refusal.ts';
import type { TokenHeader } from './read-header.ts';

export interface TokenContext {
  /** Identifier of this resource server, or the client id for ID tokens. Compared exactly. */
  audience: string;
  /** Default `access`. */
  type?: 'access' | 'id' | undefined;
  /** The tenant this request is about, when the caller knows it. */
  tenant?: string | undefined;
  /** The one issuer expected here, when the policy names several. */
  issuer?: string | undefined;
  /** Claims that must be present beyond those every token must have. */
  requiredClaims?: readonly string[] | undefined;
  /** Scope values that must all be granted. */
  scope?: readonly string[] | undefined;
  /** How the token came; without it a token bound to a key is refused (`dpop_missing`). */
  http?:
    | {
        method: string;
        /** Absolute URL as the client sees it. */
        url: string;
        scheme: 'Bearer' | 'DPoP';
        dpopProof?: string | undefined;
      }
    | undefined;
  /** The `nonce` this client sent, for ID tokens. */
  nonce?: string | undefined;
  /** True when the token may be used once only; needs the verifier's `replay` option. */
  once?: boolean | undefined;
  /** For use reports only. */
  ip?: string | undefined;
  userAgent?: string | undefined;
}

export interface TokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string | readonly string[];
  /** Seconds since the epoch, like every time in a token. */
  readonly exp: number;
  readonly iat: number;
  readonly nbf?: number;
  readonly jti: string;
  readonly client_id?: string;
  readonly scope?: string;
  readonly tenant?: string;
  readonly sid?: string;
  readonly nonce?: string;
  readonly azp?: string;
  readonly root_auth_id?: string;
  readonly parent_jti?: string;
  readonly cnf?: unknown;
  readonly [claim: string]: unknown;
}

/** An accepted token. Frozen, because it is shared between requests that show the same token. */
export interface VerifiedToken {
  readonly claims: TokenClaims;
  readonly header: TokenHeader;
  /** Lower-case hex SHA-256 of the compact token. */
  readonly tokenHash: string;
  /** base64url SHA-256 thumbprint (RFC 7638) of the key that signed, where its source tells it. */
  readonly keyThumbprint?: string;
  /** Absent only when the policy does not ask for one. */
  readonly receipt?: {
    readonly index: number;
    readonly issuedMs: number;
    readonly origin: string;
  };
  /** In `report` mode: why the receipt would have been refused. */
  readonly receiptProblem?: RefusalCode;
  /** True when the signatures were checked by an earlier call. */
  readonly cached: boolean;
}
