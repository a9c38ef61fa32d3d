// What the reconciler compares the ledger with. Functions, because log and journal live in other
// processes and other rooms.

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
}

export interface ReconcilerSources extends JournalSource, LogSource {
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
