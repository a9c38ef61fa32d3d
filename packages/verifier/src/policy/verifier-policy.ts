// What a verifier believes, pinned by its developer: issuers, their algorithms and lifetimes, the
// logs whose receipts count. Never widened by a token, a JWKS or metadata (controls C-04, C-07).

import type { SignatureAlgorithm } from '../ports.ts';

/**
 * `required`: no receipt, no entry. `report`: accepted, but reported as `receipt_missing` and so on;
 * for the days of a roll-out. `off`: not looked at, for issuers that have no log.
 */
export type ReceiptMode = 'required' | 'report' | 'off';

export interface LogPolicy {
  /** The log's name, also the name of its keys. */
  origin: string;
  /** vkey of the receipt key. */
  receiptKey: string;
  /** vkey of the checkpoint key, for the deferred audit. */
  checkpointKey: string;
  /** Where checkpoint and tiles are served, without trailing slash. */
  url: string;
  /**
   * Text of a tlog-policy (C2SP): which witnesses must have cosigned a checkpoint before the audit
   * believes it. Its `log` lines, if any, must name this log. Without it the log's own signature does.
   */
  witnesses?: string;
}

export interface ReceiptPolicy {
  mode: ReceiptMode;
  logs: LogPolicy[];
  /**
   * The same for the issuer's keys: `required` refuses a key whose publication is in none of the logs
   * (`key_unlogged`), so that nobody can slip one into the key set unseen. Default `off`.
   */
  keys?: ReceiptMode;
  /**
   * Seconds since the epoch by kid: tokens of that key issued earlier need no receipt. A kid that is
   * not listed has always needed one.
   */
  startByKid: Record<string, number>;
  /**
   * Audiences that take no promise of a log: a token is accepted only when its leaf was found in a
   * checkpoint, one that the witnesses' quorum cosigned where the log has `witnesses`. Needs `mode`
   * to be `required`. Default none.
   */
  strictAudiences?: string[];
}

export interface IssuerPolicy {
  issuer: string;
  /** Value the `tenant` claim must have; absent for issuers without tenants. */
  tenant?: string;
  population?: string;
  jwksUri: string;
  algorithms: SignatureAlgorithm[];
  /** Longest `exp - iat` accepted, whatever the token says. */
  maxLifetimeSeconds: { access: number; id: number };
  /** Longest time since a key's `nbf`: an older key is dead, whatever it says of itself (C-01). */
  keyMaxAgeSeconds: number;
  receipts: ReceiptPolicy;
}

export interface FeedPolicy {
  url: string;
  /** vkey of the feed key. */
  key: string;
  /** Feed keys of the issuer's other logs: any of them may sign, so that the feed outlives a log. */
  otherKeys?: string[];
  /** When the newest feed is older than this, nothing is accepted. */
  maxStaleSeconds: number;
}

export interface VerifierPolicy {
  version: 1;
  issuers: IssuerPolicy[];
  feed?: FeedPolicy;
  reports?: { url: string };
}
