// The doors through which the verifier reaches the world: keys, feed, replay memory, use reports
// and the deferred audit. Every one of them may be replaced by the caller; all of them fail closed.

export type SignatureAlgorithm = 'ES256' | 'EdDSA' | 'RS256';

/**
 * A key as an issuer published it. `alg` or `issuer` is undefined when the issuer left it out: such
 * a key is known but may not be used (`key_algorithm_mismatch`, `key_scope_missing`).
 * The object is the same (`===`) for as long as the key's published facts are the same.
 */
export interface IssuerKey {
  readonly kid: string;
  readonly alg: SignatureAlgorithm | undefined;
  /** The one issuer the key may speak for: JWK member `iss`. */
  readonly issuer: string | undefined;
  readonly tenant: string | undefined;
  /** `typ` values the key may sign; undefined when the issuer does not narrow them. */
  readonly tokenTypes: readonly string[] | undefined;
  readonly notBeforeSeconds: number | undefined;
  readonly notAfterSeconds: number | undefined;
  /** base64url SHA-256 thumbprint of the public key (RFC 7638). */
  readonly thumbprint?: string | undefined;
  /** JWK member `itr`: receipt of the entry that published the key; see `receipts.keys`. */
  readonly receipt?: string | undefined;
  /** When the issuer first showed this key to this verifier, in milliseconds. */
  readonly firstSeenMs: number;
  /** The imported public key, opaque to all but the platform. */
  readonly handle: unknown;
}

export interface KeySource {
  /**
   * The key, or undefined when the issuer does not publish it. Synchronous while cached, so it is
   * cheap to ask again on every token-cache hit: a withdrawn or over-aged key is then gone.
   * @throws VerificationError `keys_unavailable`, `issuer_unknown`
   */
  key(issuer: string, kid: string): Promise<IssuerKey | undefined> | IssuerKey | undefined;
  /**
   * A key that the issuer once showed here and shows no more: retired or revoked. It verifies nothing
   * any more, but tells a thief of the key from a stranger who names its kid. Default: none remembered.
   */
  withdrawn?(issuer: string, kid: string): IssuerKey | undefined;
  /** Grows whenever any key appears, changes or dies. */
  readonly generation: number;
  /** Waits for a first load that is due; never throws. */
  ready?(): Promise<void>;
  close?(): Promise<void>;
}

/** What the signed verifier feed restricts. A feed can only restrict, never permit. */
export interface FeedSource {
  quarantined(issuer: string, kid: string): boolean;
  /** True when the log index is revoked; an origin other than the feed's is never revoked by it. */
  revoked(index: number, logOrigin: string): boolean;
  /** False when the last good feed is older than the policy allows: refuse `feed_stale`. */
  fresh(nowMs: number): boolean;
  /** Grows with every accepted feed that differs from the last. */
  readonly generation: number;
  /** Waits for a refresh that is due, so that a cold start can judge; never throws. */
  ready?(): Promise<void>;
  close?(): Promise<void>;
}

export type ReplayVerdict = 'first' | 'seen' | 'full';

/** Remembers ids that may be used once: DPoP proof ids, one-time tokens. */
export interface ReplayHook {
  /** Records one use, atomically. `full` means it cannot remember: refuse `replay_store_full`. */
  record(id: string, expiresAtMs: number): ReplayVerdict | Promise<ReplayVerdict>;
}

/** One judgement about one token, as it is reported. Never holds the token itself but as evidence. */
export interface TokenUse {
  atMs: number;
  decision: 'accepted' | 'refused' | 'audit_failed';
  code?: string;
  /** Lower-case hex SHA-256 of the compact token. */
  tokenHash: string;
  issuer?: string;
  /** Of a published key; with the code `key_unknown` or `key_withdrawn` only what the token's header says. */
  kid?: string;
  jtiHash?: string;
  audience?: string[];
  clientId?: string;
  subject?: string;
  logIndex?: number;
  /** Origin of the log of that index. */
  logOrigin?: string;
  /** Lower-case hex. */
  leafHash?: string;
  jkt?: string;
  ip?: string;
  userAgent?: string;
  /**
   * The compact token, only when its signature is good and the log's word for it or its key is not;
   * of a withdrawn, quarantined or over-aged key too, for then the key has outlived its owner's use.
   */
  evidence?: string;
}

export interface UseReporter {
  /** Never throws and never waits; what cannot be buffered is counted and the count is reported. */
  report(use: TokenUse): void;
  /** Sends what is buffered, once; resolves when that attempt is over. */
  flush?(): Promise<void>;
  close?(): Promise<void>;
}

/** An accepted token, or the key of one, whose receipt is still only a promise of the log. */
export interface AuditPair {
  /** Absent for a token. */
  subject?: 'key';
  logOrigin: string;
  index: number;
  leafHash: Uint8Array;
  /** Lower-case hex SHA-256 of the compact token; for a key, its leaf hash in hex. */
  tokenHash: string;
  issuer: string;
  kid: string;
  acceptedAtMs: number;
  /** `exp` of the token or key: how long a failure must be remembered. */
  expiresAtSeconds: number;
  /**
   * The compact token, held only until its leaf was looked up, so that a failure can be reported
   * with the evidence even when the token is shown once. Never part of an alarm.
   */
  token?: string;
}

/**
 * `included`: the leaf was found in a checkpoint that counts. `failed`: the log does not hold what it
 * promised. `timeout`: neither within the time given. `unavailable`: it cannot be looked for now.
 */
export type InclusionVerdict = 'included' | 'failed' | 'timeout' | 'unavailable';

export interface DeferredAuditor {
  /** Queues an accepted token. False means it cannot be audited: refuse `audit_unavailable`. */
  enqueue(pair: AuditPair): boolean;
  /** True when this token, or the whole log, failed its audit: refuse `receipt_audit_failed`. */
  blocked(tokenHash: string, logOrigin: string): boolean;
  /** Age in milliseconds of the oldest accepted token not yet checked against a checkpoint. */
  auditLagMs(nowMs: number): number;
  /**
   * Waits until the leaf was looked up, for audiences that take no promise (`strictAudiences`). Never
   * rejects. An auditor without it cannot serve such audiences.
   */
  awaitInclusion?(pair: AuditPair, timeoutMs: number): Promise<InclusionVerdict>;
  close?(): Promise<void>;
}

/** The part of `fetch` that is used, so that tests and proxies can stand in for it. */
export type FetchLike = (url: string, init: RequestInit) => Promise<Response>;

/** Time is handed in: milliseconds since the Unix epoch. */
export interface VerifierClock {
  nowMs(): number;
}
