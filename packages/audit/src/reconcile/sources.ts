// What the reconciler compares the ledger with. Functions, because log and journal live in other
// processes and other rooms.

import type { AuditRoom } from '../store/audit-room.ts';
import { logCursor, PLACES_PER_LOG } from '../store/log-places.ts';
import type { Finding } from './finding.ts';

export interface JournalSource {
  /** From `fromNumber` (the first is 1), ascending, at most `limit`. */
  readJournal(
    fromNumber: number,
    limit: number,
  ): Promise<{
    entries: readonly { number: number; kid: string; signingInputHash: string }[];
    lastNumber: number;
  }>;
}

export interface LogSource {
  /**
   * From `fromIndex` (the first is 0), ascending, at most `limit`; only durable entries. May throw
   * for an index beyond the durable size: ask `logSize` first.
   */
  readEntries(
    fromIndex: number,
    limit: number,
  ): Promise<{ entries: readonly Uint8Array[]; durableSize: number }>;
}

/** What a check of a reported token found. */
export interface EvidenceVerdict {
  /** True only when the signature verifies under a key of ours, retired ones included. */
  signatureValid: boolean;
  /** The issuer that the key speaks for. */
  issuer?: string;
  kid?: string;
  alg?: string;
  typ?: string;
  subject?: string;
  clientId?: string;
  audience?: string[];
  jtiHash?: string;
  rootAuthId?: string;
  logIndex?: number;
  logOrigin?: string;
}

/** A key that our signer holds. */
export interface OwnKey {
  issuer: string;
  kid: string;
  /** RFC 7638, SHA-256, base64url. */
  thumbprint: string;
}

/** A log of the house after the first. */
export interface NamedLog extends LogSource {
  origin: string;
}

export interface ReconcilerSources extends JournalSource, LogSource {
  /** Further logs, by origins that were registered; `readEntries` itself is the first's. */
  moreLogs?: readonly NamedLog[];
  /**
   * All keys of our signer: asked before a key in the log is taken for somebody else's, because a ledger
   * that was restored from an older copy does not know the newest. Default: the ledger knows them all.
   */
  listOwnKeys?: () => Promise<readonly OwnKey[]>;
  /**
   * Checks the signature of a compact token against all keys this house ever had. A malformed token
   * is `signatureValid: false`; it throws only when it cannot tell now, and is asked again later.
   */
  verifyEvidence(token: string): Promise<EvidenceVerdict> | EvidenceVerdict;
  /** Called for each new finding, at least once, after it is durable. */
  onFinding(finding: Finding): Promise<void> | void;
}

/** Entries that no crash can lose. Index 0 may always be asked for, also when the log shrank. */
export async function logSize(log: LogSource): Promise<number> {
  return (await log.readEntries(0, 1)).durableSize;
}

/** A log with its number: entry `index` has the place `firstPlace + index`. */
export interface FollowedLog {
  number: number;
  cursor: ReturnType<typeof logCursor>;
  firstPlace: number;
  source: LogSource;
}

/** The logs to follow, the first one first. @throws TypeError for one that was not registered */
export function followedLogs(room: AuditRoom, sources: ReconcilerSources): FollowedLog[] {
  const follow = (number: number, source: LogSource): FollowedLog => ({
    number,
    cursor: logCursor(number),
    firstPlace: number * PLACES_PER_LOG,
    source,
  });
  const more = (sources.moreLogs ?? []).map((log) => {
    const number = room.logs.origins.indexOf(log.origin);
    if (number < 1) throw new TypeError(`the log ${log.origin} is not registered`);
    return follow(number, log);
  });
  return [follow(0, sources), ...more];
}
