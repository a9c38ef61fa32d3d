// What the deferred audit is told: which logs, whom it tells, and its limits.

import type { FetchLike, UseReporter, VerifierClock } from '../ports.ts';
import type { AuditAlarm } from './audit-alarm.ts';

export interface AuditedLog {
  origin: string;
  /** Where `checkpoint` and `tile/…` are, without trailing slash. */
  url: string;
  /** vkey of the checkpoint key. */
  checkpointKey: string;
  /** Text of a tlog-policy: whose cosignatures a checkpoint needs to count. Default: nobody's. */
  witnesses?: string | undefined;
}

export interface DeferredAuditorOptions {
  logs: readonly AuditedLog[];
  clock: VerifierClock;
  fetch?: FetchLike;
  /** Told of every failure, fork and lag. */
  onAlarm?: (alarm: AuditAlarm) => void;
  /** Gets a use report `audit_failed` for each failure. */
  reporter?: UseReporter;
  /** Told why a round could not be completed. */
  onProblem?: (logOrigin: string, code: string, message: string) => void;
  /** What to do when accepted tokens cannot be audited in time. Default `accept`, with the alarm. */
  whenLagging?: 'accept' | 'refuse';
  /** Oldest unaudited token before the alarm. Default 30,000 ms. */
  maxLagMs?: number;
  /** Tokens waiting per log; more are refused. Default 65,536. */
  maxWaiting?: number;
  /** Characters of waiting tokens held as evidence, per log. Default 16 Mi. */
  maxTokenCharacters?: number;
  /** Failed tokens remembered, before their whole log is blocked. Default 1,024. */
  maxBlocked?: number;
  /** How long the log may take to publish a promised leaf, from its first answer. Default 5,000. */
  graceMs?: number;
  /** Time between rounds while tokens wait. Default 1,000 ms. */
  pollMs?: number;
  /** The same while a strict audience waits. Default 250 ms. */
  eagerPollMs?: number;
  /** Longest time without a checkpoint that enough witnesses cosigned, before the alarm. 60,000 ms. */
  maxUnwitnessedMs?: number;
  /** Per request, body included. Default 3,000 ms. */
  timeoutMs?: number;
  /** Tiles kept per log, 8 KiB each. Default 256. */
  maxTiles?: number;
}
