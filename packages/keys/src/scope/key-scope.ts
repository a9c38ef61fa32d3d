// What a key may speak for. A scope is sealed into its key file and never changes; a different
// scope is a different key (controls C-05, C-08; RFC 8725 §3.8).

import { parseVerifierKey } from '@countersign/verifier';
import { isPopulation, isTenantName } from '@countersign/vocabulary';
import { z } from 'zod';
import { signerRefusal } from '../keys-error.ts';

export type SignatureAlg = 'ES256' | 'EdDSA' | 'RS256';
export type TokenType = 'at+jwt' | 'JWT' | 'logout+jwt';

export interface KeyScope {
  /** The one issuer URL the key speaks for; at most 255 bytes. */
  issuer: string;
  tenant: string;
  population: string;
  /** Exact audiences, or any. */
  audiences: string[] | '*';
  tokenTypes: TokenType[];
  /** Longest life of a token, at most a day. */
  longestLifetimeSeconds: number;
  /** The key signs from here … */
  notBeforeSeconds: number;
  /** … up to but not including here; at most 366 days later. */
  notAfterSeconds: number;
  /**
   * Receipt key of the log (vkey text). When present, nothing is signed that this log has not
   * countersigned: a thief of everything but the log gets no token out of this key.
   */
  requireReceiptFrom?: string;
}

/** C-21: no configuration makes a token live longer. */
export const LONGEST_TOKEN_LIFETIME_SECONDS = 86_400;
/** C-01: no configuration makes a key live longer. */
export const LONGEST_KEY_LIFETIME_SECONDS = 366 * 86_400;
const AUDIENCES_LIMIT = 256;
const TEXT_LIMIT = 512;
/** `len8 iss` of the leaf commitment. */
const ISSUER_LIMIT_BYTES = 255;

const seconds = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const text = z.string().min(1).max(TEXT_LIMIT);
const unique = (values: readonly string[]): boolean => new Set(values).size === values.length;

export const signatureAlgSchema = z.enum(['ES256', 'EdDSA', 'RS256']);

export const keyScopeSchema = z
  .strictObject({
    issuer: text
      .refine((issuer) => /^https?:\/\/[^\s?#]+$/.test(issuer), 'must be an http or https URL')
      .refine(
        (issuer) => Buffer.byteLength(issuer) <= ISSUER_LIMIT_BYTES,
        `must be at most ${ISSUER_LIMIT_BYTES} bytes`,
      ),
    tenant: z.string().refine(isTenantName, 'must be a tenant name'),
    population: z
      .string()
      .refine((name): boolean => isPopulation(name), 'must be one of the four populations'),
    audiences: z.union([
      z.literal('*'),
      z.array(text).min(1).max(AUDIENCES_LIMIT).refine(unique, 'must not repeat'),
    ]),
    tokenTypes: z
      .array(z.enum(['at+jwt', 'JWT', 'logout+jwt']))
      .min(1)
      .refine(unique, 'must not repeat'),
    longestLifetimeSeconds: z.int().min(1).max(LONGEST_TOKEN_LIFETIME_SECONDS),
    notBeforeSeconds: seconds,
    notAfterSeconds: seconds,
    requireReceiptFrom: text.refine(isReceiptKey, 'must be a receipt key (vkey)').optional(),
  })
  .refine(
    ({ notBeforeSeconds, notAfterSeconds }) =>
      notAfterSeconds > notBeforeSeconds &&
      notAfterSeconds - notBeforeSeconds <= LONGEST_KEY_LIFETIME_SECONDS,
    'must end after it begins, at most 366 days later',
  );

/**
 * Checks a scope that a caller or a file brings.
 * @throws CodedError `scope_malformed`
 */
export function parseKeyScope(value: unknown): KeyScope {
  const parsed = keyScopeSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw signerRefusal(
      'scope_malformed',
      `The scope of the key is not usable: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`,
    );
  }
  const { requireReceiptFrom, ...scope } = parsed.data;
  return requireReceiptFrom === undefined ? scope : { ...scope, requireReceiptFrom };
}

function isReceiptKey(vkey: string): boolean {
  try {
    return parseVerifierKey(vkey).purpose === 'receipt';
  } catch {
    return false; // the caller refuses and says which member is wrong
  }
}

/** True when both allow the same, whatever their times. */
export function samePolicy(a: KeyScope, b: KeyScope): boolean {
  return policyText(a) === policyText(b);
}

function policyText(scope: KeyScope): string {
  const { notBeforeSeconds, notAfterSeconds, ...policy } = scope;
  const sorted = (values: readonly string[]): string[] => [...values].sort();
  return JSON.stringify([
    policy.issuer,
    policy.tenant,
    policy.population,
    policy.audiences === '*' ? '*' : sorted(policy.audiences),
    sorted(policy.tokenTypes),
    policy.longestLifetimeSeconds,
    policy.requireReceiptFrom ?? null,
  ]);
}
