// Why a token is refused: a closed set of codes, each with what HTTP says about it (RFC 6750 §3,
// RFC 9449 §7.1). The verifier's own error class, because this room imports nothing of ours.

/** Status and challenge error of each code. A code, once released, keeps its meaning. */
const REFUSALS = {
  token_malformed: 'invalid_token',
  token_too_large: 'invalid_token',
  encoding_not_canonical: 'invalid_token',
  json_duplicate_member: 'invalid_token',
  header_member_forbidden: 'invalid_token',
  header_critical_unknown: 'invalid_token',
  algorithm_not_allowed: 'invalid_token',
  type_not_allowed: 'invalid_token',
  issuer_unknown: 'invalid_token',
  key_unknown: 'invalid_token',
  key_withdrawn: 'invalid_token',
  key_issuer_mismatch: 'invalid_token',
  key_tenant_mismatch: 'invalid_token',
  key_scope_missing: 'invalid_token',
  key_not_yet_valid: 'invalid_token',
  key_expired: 'invalid_token',
  key_too_old: 'invalid_token',
  key_unlogged: 'invalid_token',
  key_quarantined: 'invalid_token',
  key_algorithm_mismatch: 'invalid_token',
  key_type_out_of_scope: 'invalid_token',
  signature_invalid: 'invalid_token',
  claim_missing: 'invalid_token',
  claim_malformed: 'invalid_token',
  audience_mismatch: 'invalid_token',
  tenant_mismatch: 'invalid_token',
  nonce_mismatch: 'invalid_token',
  token_expired: 'invalid_token',
  token_not_yet_valid: 'invalid_token',
  token_from_future: 'invalid_token',
  lifetime_too_long: 'invalid_token',
  token_revoked: 'invalid_token',
  token_replayed: 'invalid_token',
  receipt_missing: 'invalid_token',
  receipt_malformed: 'invalid_token',
  receipt_key_unknown: 'invalid_token',
  receipt_invalid: 'invalid_token',
  receipt_time_skew: 'invalid_token',
  receipt_audit_failed: 'invalid_token',
  receipt_untagged: 'invalid_token',
  dpop_missing: 'invalid_token',
  dpop_malformed: 'invalid_dpop_proof',
  dpop_mismatch: 'invalid_dpop_proof',
  dpop_expired: 'invalid_dpop_proof',
  dpop_replayed: 'invalid_dpop_proof',
  dpop_nonce_required: 'use_dpop_nonce',
  scope_insufficient: 'insufficient_scope',
  feed_stale: 'unavailable',
  keys_unavailable: 'unavailable',
  audit_unavailable: 'unavailable',
  receipt_unwitnessed: 'unavailable',
  replay_store_full: 'unavailable',
  verifier_misconfigured: 'unavailable',
} as const;

export type RefusalCode = keyof typeof REFUSALS;

export const REFUSAL_CODES = Object.keys(REFUSALS) as readonly RefusalCode[];

/** What is said of a key whose time to speak is over: using it all the same is a trip-wire. */
export const TRIP_WIRE_CODES: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'key_withdrawn',
  'key_quarantined',
  'key_expired',
  'key_too_old',
]);

export interface RefusalOptions {
  cause?: unknown;
  /** True when the signature is good and no log vouches for the token or its key: a key is stolen. */
  alarm?: boolean;
  /** Scope that would have sufficed, for the challenge of `scope_insufficient`. */
  scope?: readonly string[];
  /** The scheme the client used or must use; default Bearer, DPoP for `dpop_*`. */
  scheme?: 'Bearer' | 'DPoP';
}

/** A refusal. `message` is one sentence a developer can act on; it never quotes the token. */
export class VerificationError extends Error {
  readonly code: RefusalCode;
  /** 401 for the token, 403 for its scope, 503 when this verifier cannot judge now. */
  readonly status: 401 | 403 | 503;
  /** Value for the `WWW-Authenticate` header; empty for 503. */
  readonly wwwAuthenticate: string;
  readonly alarm: boolean;

  constructor(code: RefusalCode, message: string, options: RefusalOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'VerificationError';
    this.code = code;
    this.status = statusOf(code);
    this.alarm = options.alarm ?? false;
    this.wwwAuthenticate = challenge(code, message, options);
  }
}

/** By shape, so that two copies of this package agree. */
export function isVerificationError(error: unknown): error is VerificationError {
  return error instanceof Error && error.name === 'VerificationError' && 'code' in error;
}

function statusOf(code: RefusalCode): 401 | 403 | 503 {
  const kind = REFUSALS[code];
  if (kind === 'unavailable') return 503;
  return kind === 'insufficient_scope' ? 403 : 401;
}

function challenge(code: RefusalCode, message: string, options: RefusalOptions): string {
  const error = REFUSALS[code];
  if (error === 'unavailable') return '';
  const scheme = options.scheme ?? (code.startsWith('dpop_') ? 'DPoP' : 'Bearer');
  const parts = [`error="${error}"`, `error_description="${quotable(message)}"`];
  if (options.scope !== undefined) parts.push(`scope="${quotable(options.scope.join(' '))}"`);
  if (scheme === 'DPoP') parts.push('algs="ES256 EdDSA RS256"');
  return `${scheme} ${parts.join(', ')}`;
}

/** RFC 6750 §3: printable ASCII without quote and backslash. */
function quotable(text: string): string {
  return text.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "'");
}
