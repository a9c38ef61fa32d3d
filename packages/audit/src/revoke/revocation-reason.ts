// Why a token ended before its time.

export const REVOCATION_REASONS = [
  /** Its client asked (RFC 7009). */
  'requested',
  /** The person signed out. */
  'logout',
  /** A refresh token came a second time: someone has a copy. */
  'refresh_reuse',
  /** Somebody with the right to says it is in wrong hands. */
  'compromised',
  'administrator',
  /** What it was asked for, or from where, was judged too odd. */
  'risk',
] as const;

export type RevocationReason = (typeof REVOCATION_REASONS)[number];
