// The refusals of this room. What reaches an OAuth client is an OAuth error (RFC 6749 §5.2); these
// codes are for the wiring and for our own log.

export type ProviderCode =
  /** The log, the signer or the audit store cannot answer: no token. Temporary. */
  | 'issuance_unavailable'
  /** The signer refused what we asked it to sign: a fault of ours or of the policy. */
  | 'issuance_refused'
  /** Something tried to sign without the log: never allowed. */
  | 'issuance_bypassed'
  | 'realm_unknown'
  | 'token_unknown'
  | 'secret_too_short'
  | 'provider_closed';
