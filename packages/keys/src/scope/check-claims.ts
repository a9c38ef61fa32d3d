// The payload against the key's scope: who issues, for which tenant and audience, for how long,
// and whether the token can be followed later (controls C-05, C-17 to C-21, C-28).

import { signerRefusal } from '../keys-error.ts';
import { checkIdentity } from './check-identity.ts';
import type { KeyScope, TokenType } from './key-scope.ts';
import type { JsonMembers } from './parse-signing-input.ts';

/** How far another machine's clock may be ahead of ours. */
export const CLOCK_TOLERANCE_SECONDS = 5;
const AUDIENCES_LIMIT = 16;

export interface CheckedClaims {
  issuer: string;
  issuedAtSeconds: number;
  expiresAtSeconds: number;
}

/** @throws CodedError with the code of the first claim that is malformed or out of scope */
export function checkClaims(
  payload: JsonMembers,
  typ: TokenType,
  scope: KeyScope,
  nowSeconds: number,
): CheckedClaims {
  refuseLookAlikes(payload);
  const { iss, tenant } = payload;
  if (iss !== scope.issuer) {
    throw signerRefusal('issuer_out_of_scope', 'The key does not speak for this issuer.');
  }
  if (tenant !== scope.tenant) {
    throw signerRefusal('tenant_out_of_scope', 'The key does not speak for this tenant.');
  }
  checkAudience(payload['aud'], scope);
  checkIdentity(payload, typ);
  return { issuer: iss, ...checkTimes(payload, scope, nowSeconds) };
}

const NAMES: ReadonlySet<string> = new Set([
  'iss',
  'sub',
  'aud',
  'exp',
  'iat',
  'nbf',
  'jti',
  'tenant',
  'root_auth_id',
  'parent_jti',
  'client_id',
  'scope',
  'cnf',
  'sid',
]);

/** A reader that ignores case must not find another issuer or tenant than we checked (C-18). */
function refuseLookAlikes(payload: JsonMembers): void {
  for (const name of Object.keys(payload)) {
    if (!NAMES.has(name) && NAMES.has(name.toLowerCase())) {
      throw signerRefusal('payload_malformed', 'A claim differs from a known one only by case.');
    }
  }
}

function checkAudience(aud: unknown, scope: KeyScope): void {
  const audiences: unknown[] = Array.isArray(aud) ? aud : [aud];
  const texts = audiences.filter((audience) => typeof audience === 'string' && audience !== '');
  if (
    texts.length === 0 ||
    texts.length !== audiences.length ||
    texts.length > AUDIENCES_LIMIT ||
    new Set(texts).size !== texts.length
  ) {
    throw signerRefusal('payload_malformed', 'The audience is one text or a few different ones.');
  }
  const { audiences: allowed } = scope;
  if (allowed !== '*' && !texts.every((audience) => allowed.includes(audience as string))) {
    throw signerRefusal('audience_out_of_scope', 'The key does not sign for this audience.');
  }
}

function checkTimes(
  payload: JsonMembers,
  scope: KeyScope,
  nowSeconds: number,
): Omit<CheckedClaims, 'issuer'> {
  const { iat, exp, nbf } = payload;
  if (!isSeconds(iat) || !isSeconds(exp) || (nbf !== undefined && !isSeconds(nbf))) {
    throw signerRefusal('payload_malformed', 'iat, exp and nbf are whole seconds.');
  }
  if (iat > nowSeconds + CLOCK_TOLERANCE_SECONDS) {
    throw signerRefusal('issued_in_future', 'The token claims to be issued in the future.');
  }
  if (exp <= iat || exp <= nowSeconds) {
    throw signerRefusal('payload_malformed', 'The token is over before it begins.');
  }
  // `iat` is at most the tolerance ahead of now, so this bounds exp - now as well.
  if (exp - iat > scope.longestLifetimeSeconds) {
    throw signerRefusal('lifetime_too_long', 'The token would live longer than the key allows.');
  }
  return { issuedAtSeconds: iat, expiresAtSeconds: exp };
}

// `exp` travels in the log leaf as u32.
const LAST_SECOND = 0xffff_ffff;

function isSeconds(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= LAST_SECOND;
}
