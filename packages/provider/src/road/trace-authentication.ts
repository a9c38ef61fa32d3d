// How the person behind a token signed in (RFC 9068 §2.2.1, OpenID Connect Core §2): when, with what,
// and at which class. A refreshed token says what the sign-in was, not that there was another.

import type { EngineContext } from '../engine/oidc-provider.ts';

export interface AuthenticationClaims {
  acr?: string;
  amr?: string[];
  /** Seconds since the Unix epoch. */
  auth_time?: number;
}

interface Source {
  acr?: string | undefined;
  amr?: string[] | undefined;
  authTime?: number | undefined;
}

/** Nothing for a token that no person stands behind. */
export function traceAuthentication(context: EngineContext | undefined): AuthenticationClaims {
  const entities = context?.oidc?.entities;
  const source = (entities?.AuthorizationCode ?? entities?.DeviceCode ?? entities?.RefreshToken) as
    | Source
    | undefined;
  if (source === undefined) return {};
  const { acr, amr, authTime } = source;
  return {
    ...(acr === undefined ? {} : { acr }),
    ...(amr === undefined ? {} : { amr }),
    ...(authTime === undefined ? {} : { auth_time: authTime }),
  };
}
