// The claims every token must have, in the types they must have (RFC 9068 §2.2, OpenID Connect
// Core §2, RFC 7519 §4.1, control C-17). A claim of a wrong type is refused even where it is not
// needed, and so is one that differs from a known or present claim in case only (control C-18).

import { VerificationError } from '../refusal.ts';
import { type Judgement, known, type Outcome } from './judgement.ts';
import type { TokenClaims } from './token-context.ts';

const REQUIRED = {
  access: ['iss', 'sub', 'aud', 'exp', 'iat', 'jti', 'client_id'],
  id: ['iss', 'sub', 'aud', 'exp', 'iat', 'jti'],
} as const;
const TEXTS = [
  'iss',
  'sub',
  'jti',
  'client_id',
  'tenant',
  'sid',
  'azp',
  'root_auth_id',
  'parent_jti',
] as const;
const TIMES = ['exp', 'iat', 'nbf', 'auth_time'] as const;
const KNOWN: ReadonlySet<string> = new Set([...TEXTS, ...TIMES, 'aud', 'scope', 'nonce', 'cnf']);
/** Names that no folding of case changes; all of ours are such. */
const LOWER_CASE = /^[a-z0-9_:/.#-]*$/;
const LONGEST_TEXT = 1024;
const LONGEST_SCOPE = 8192;
const MOST_AUDIENCES = 64;
/** The log keeps `exp` in 32 bits. */
const LAST_SECOND = 2 ** 32 - 1;

export function readClaims(judgement: Judgement): Outcome {
  const payload = known(judgement.payload);
  for (const name of REQUIRED[judgement.context.type ?? 'access']) {
    if (!Object.hasOwn(payload, name)) refuseMissing(name);
  }
  for (const name of TEXTS) {
    if (Object.hasOwn(payload, name)) demand(name, isText(payload[name], LONGEST_TEXT));
  }
  for (const name of TIMES) {
    if (Object.hasOwn(payload, name)) demand(name, isSecond(payload[name]));
  }
  for (const name of Object.keys(payload)) demandOneSpelling(name, payload);
  demand('aud', isAudience(payload.aud));
  if (Object.hasOwn(payload, 'scope')) demand('scope', isScope(payload.scope));
  if (Object.hasOwn(payload, 'nonce')) demand('nonce', isText(payload.nonce, LONGEST_TEXT));
  const claims = payload as TokenClaims;
  demand('exp', claims.exp > claims.iat);
  judgement.claims = claims;
  return undefined;
}

/** Claims that only this caller needs. */
export function checkRequiredClaims(judgement: Judgement): Outcome {
  const { requiredClaims } = judgement.context;
  if (requiredClaims === undefined) return 'The caller requires no further claims.';
  const claims = known(judgement.claims);
  for (const name of requiredClaims) {
    if (!Object.hasOwn(claims, name)) refuseMissing(name);
  }
  return undefined;
}

/** Some readers take `Tenant` for `tenant`: what they believe must not differ from what we do. */
function demandOneSpelling(name: string, payload: Readonly<Record<string, unknown>>): void {
  if (LOWER_CASE.test(name)) return;
  const folded = name.toUpperCase().toLowerCase();
  const others = Object.keys(payload).filter((other) => other !== name);
  const twin = others.some((other) => other.toUpperCase().toLowerCase() === folded);
  if (!twin && (folded === name || !KNOWN.has(folded))) return;
  throw new VerificationError(
    'claim_malformed',
    'The token has a claim that differs from another or from a known one in case only.',
  );
}

function isText(value: unknown, longest: number): boolean {
  return typeof value === 'string' && value !== '' && value.length <= longest;
}

function isSecond(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= LAST_SECOND;
}

function isScope(value: unknown): boolean {
  return typeof value === 'string' && value.length <= LONGEST_SCOPE;
}

function isAudience(value: unknown): boolean {
  if (!Array.isArray(value)) return isText(value, LONGEST_TEXT);
  const fits = value.length > 0 && value.length <= MOST_AUDIENCES;
  return fits && value.every((entry) => isText(entry, LONGEST_TEXT));
}

function demand(name: string, sound: boolean): void {
  if (sound) return;
  throw new VerificationError(
    'claim_malformed',
    `The claim ${name} does not have the form it must have.`,
  );
}

function refuseMissing(name: string): never {
  throw new VerificationError('claim_missing', `The token lacks the claim ${name}.`);
}
