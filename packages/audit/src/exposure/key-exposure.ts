// What a key has spoken for, as an incident lead asks it: before it happens ("what would it cost?")
// and after ("who must be told?", C-08, C-51).

/** A name that tokens of the key carry, and how many of them. */
export interface NamedTokens {
  name: string;
  tokens: number;
  /** Not yet expired. A token that was revoked counts until its end. */
  live: number;
}

/** The `list` with the highest counts first, and how many `more` there are beyond it. */
export interface Bounded<T> {
  list: T[];
  more: number;
}

/** Exact up to a limit; then `atLeast` is true. */
export interface Distinct {
  count: number;
  atLeast: boolean;
}

/** A verifier that reported uses of tokens of the key. */
export interface ResourceServer {
  /** Id of its use-report credential. */
  reporterId: string;
  tenant: string;
  /** By decision. */
  uses: Partial<Record<UseDecision, number>>;
  /** When a use was accepted, in milliseconds, by the verifier's clock. */
  firstAcceptedMs: number | undefined;
  lastAcceptedMs: number | undefined;
}

export type UseDecision = 'accepted' | 'refused' | 'audit_failed';

export interface KeyExposure {
  kid: string;
  /** Of its tokens: one, unless the ledger was tampered with. */
  issuers: string[];
  /** What "live" means here: not expired at this moment, in seconds. */
  atSeconds: number;
  tokens: number;
  live: number;
  /** Of the live ones, how many were revoked before their end. */
  liveRevoked: number;
  firstIssuedSeconds: number | undefined;
  lastIssuedSeconds: number | undefined;
  /** After this no genuine token of the key is accepted. A thief writes any expiry that the key's scope allows. */
  lastExpirySeconds: number | undefined;
  tenants: Bounded<NamedTokens>;
  /** A token for two audiences counts at both. */
  audiences: Bounded<NamedTokens>;
  clients: Bounded<NamedTokens>;
  subjects: Distinct;
  /** Sign-ins that tokens of the key descend from. */
  sessions: Distinct;
  /** Of those, the ones with a token that is live. */
  liveSessions: Distinct;
  /** As far as uses have been judged: a second or so ago. */
  resourceServers: Bounded<ResourceServer>;
  uses: Partial<Record<UseDecision, number>>;
  firstAcceptedMs: number | undefined;
  lastAcceptedMs: number | undefined;
}

/** Members of a list in an exposure; the rest is counted in `more`. */
export const MOST_NAMED = 100;
