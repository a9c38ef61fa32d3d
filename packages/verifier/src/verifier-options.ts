// What a caller may set, and what it may replace. Everything left out is opened from the policy.

import type { AuditAlarm } from './deferred-audit/audit-alarm.ts';
import type { ProofRules } from './dpop/check-proof.ts';
import type { Ed25519Verify } from './platform/verification-key.ts';
import type {
  DeferredAuditor,
  FeedSource,
  FetchLike,
  KeySource,
  ReplayHook,
  UseReporter,
  VerifierClock,
} from './ports.ts';
import type { TenantTagKey } from './receipt/tenant-tag-key.ts';

export interface VerifierOptions {
  /** Default: the system's. */
  clock?: VerifierClock;
  /** Default: the platform's. */
  fetch?: FetchLike;
  /** Default: one key set per issuer, fetched from the policy's `jwksUri`. */
  keys?: KeySource;
  /** Default: the policy's feed, when it names one. */
  feed?: FeedSource;
  /** Default: receipts are audited against the policy's logs. `'off'` is for offline tests only. */
  auditor?: DeferredAuditor | 'off';
  /** Memory of one-time tokens and DPoP proofs. Default: proofs only, in this process. */
  replay?: ReplayHook;
  /** Told of every verdict. Default: nobody. */
  reporter?: UseReporter;
  /** How DPoP proofs are judged. */
  dpop?: Partial<ProofRules>;
  /** Ed25519 by other means than the platform's, for example libsodium. */
  ed25519?: Ed25519Verify;
  /**
   * The tag key of one tenant (a secret; `parseTenantTagKey`): a token of that tenant whose leaf lacks
   * the right tags is then refused as `receipt_untagged`, with an alarm. Default: tags are not looked at.
   */
  tenantTagKey?: TenantTagKey;
  /** Accepted tokens remembered. Default 8,192; 0 remembers none. */
  cacheEntries?: number;
  /** Verified batches of the log remembered. Default 4,096; 0 remembers none. */
  subtreeEntries?: number;
  /** How far clocks may differ. Default 5 seconds, at most 120. */
  toleranceSeconds?: number;
  /** Longest token in characters. Default 16,384. */
  maxTokenLength?: number;
  /**
   * What to do while accepted tokens cannot be audited in time: go on with the alarm, or refuse
   * further ones (`audit_unavailable`). For the auditor opened from the policy. Default `accept`.
   */
  whenLagging?: 'accept' | 'refuse';
  /**
   * How long a token for a strict audience waits for the log, in milliseconds, before it is refused
   * as `receipt_unwitnessed`. Default 10,000; 1 to 60,000.
   */
  strictWaitMs?: number;
  /** Derived sessions watched at a time (`watch`). Default 65,536. */
  maxWatched?: number;
  /** Time between looks at watched sessions, in milliseconds. Default 1,000; 1 to 60,000. */
  watchEveryMs?: number;
  /** Told of what the deferred audit finds. */
  onAlarm?: (alarm: AuditAlarm) => void;
  /** Told of what could not be fetched, and why. */
  onProblem?: (code: string, message: string) => void;
}
