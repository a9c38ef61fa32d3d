// What the reconciler compares the ledger with. Functions, because logs and journals live in other
// processes and other rooms.

import type { AuditRoom } from '../store/audit-room.ts';
import { logCursor } from '../store/log-places.ts';
import { PLACES_EACH } from '../store/numbered-places.ts';
import { journalCursor } from '../store/signer-places.ts';
import type { Finding } from './finding.ts';
import type { FollowerName } from './move-cursor.ts';

export interface JournalSource {
  /** From `fromNumber` (the first is 1), ascending, at most `limit`. */
  readJournal(
    fromNumber: number,
    limit: number,
  ): Promise<{ entries: readonly JournalledSignature[]; lastNumber: number }>;
}

export interface JournalledSignature {
  /** Gapless over the journal. */
  number: number;
  /** Gapless for the key, from 1. */
  keyNumber: number;
  kid: string;
  signingInputHash: string;
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

/** A key that a signer of ours holds. */
export interface OwnKey {
  issuer: string;
  kid: string;
  /** RFC 7638, SHA-256, base64url. */
  thumbprint: string;
  /** Where it is in its life; `retired` and `revoked` make it a tripwire. */
  state?: string;
  /** When it got there, in milliseconds. */
  stateSinceMs?: number;
  /** How often it has signed; absent where the signer does not tell, or is away. */
  counts?: KeyCounts;
}

/** As the signer gives them, all at one moment. */
export interface KeyCounts {
  /** Last number of the key in the journal. */
  journalled: number;
  /** Of those, since this signer started. */
  sinceStart: number;
  /** Signatures that the custody (software, HSM, cloud) made since this signer started. */
  made: number;
  /** Those that were numbered since, and that the custody then did not make. */
  failed: number;
}

/** Requests to sign with a dead key that a signer refused. */
export interface TrippedKey {
  kid: string;
  /** When it was last asked for, in milliseconds by the signer's clock. */
  lastMs: number;
  /** How often, since the signer started. */
  count: number;
  signer?: string;
}

/** A log of the house after the first. */
export interface NamedLog extends LogSource {
  origin: string;
}

/** A signer of the house after the first. */
export interface NamedJournal extends JournalSource {
  name: string;
}

/** Anchors of our audit trails, which stand in the log between the tokens. */
export interface AnchorSource {
  /** Name of the installation: whose anchors are ours. */
  instance: string;
  /** Those of these leaf hashes (lower-case hex) that were announced before the log was asked. */
  announced(leafHashes: readonly string[]): Promise<ReadonlySet<string>>;
}

export interface ReconcilerSources extends JournalSource, LogSource {
  /** Further logs, by origins that were registered; `readEntries` itself is the first's. */
  moreLogs?: readonly NamedLog[];
  /** Further signers, by names that were registered; `readJournal` itself is the first's. */
  moreSigners?: readonly NamedJournal[];
  /**
   * All keys of our signers: asked before a key in the log is taken for somebody else's, because a
   * ledger that was restored from an older copy does not know the newest; and for what each has signed.
   * Default: the ledger knows them all.
   */
  listOwnKeys?: () => Promise<readonly OwnKey[]>;
  /** Default: this house anchors nothing, and no anchor is in its name. */
  anchors?: AnchorSource;
  /** Dead keys that somebody asked a signer of ours to sign with. Default: none are told. */
  listTripped?: () => Promise<readonly TrippedKey[]>;
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

interface FollowedSource {
  number: number;
  cursor: FollowerName;
  /** Entry `index` has the place `firstPlace + index`. */
  firstPlace: number;
}

export interface FollowedLog extends FollowedSource {
  kind: 'log';
  source: LogSource;
}

export interface FollowedJournal extends FollowedSource {
  kind: 'journal';
  source: JournalSource;
}

export type Followed = FollowedLog | FollowedJournal;

/** One past the highest place there is. @param cursor near the end, so that little is read */
export async function endOf(followed: Followed, cursor: number): Promise<number> {
  if (followed.kind === 'log') return followed.firstPlace + (await logSize(followed.source));
  const { lastNumber } = await followed.source.readJournal(cursor - followed.firstPlace, 1);
  return followed.firstPlace + lastNumber + 1;
}

/** The logs to follow, the first one first. @throws TypeError for one that was not registered */
export function followedLogs(room: AuditRoom, sources: ReconcilerSources): FollowedLog[] {
  const follow = (number: number, source: LogSource): FollowedLog => {
    const firstPlace = number * PLACES_EACH;
    return { kind: 'log', number, cursor: logCursor(number), firstPlace, source };
  };
  const more = (sources.moreLogs ?? []).map((log) => {
    const number = room.logs.origins.indexOf(log.origin);
    if (number < 1) throw new TypeError(`the log ${log.origin} is not registered`);
    return follow(number, log);
  });
  return [follow(0, sources), ...more];
}

/** The journals to follow, the first signer's first. @throws TypeError for one that was not registered */
export function followedJournals(room: AuditRoom, sources: ReconcilerSources): FollowedJournal[] {
  const follow = (number: number, source: JournalSource): FollowedJournal => {
    const firstPlace = number * PLACES_EACH;
    return { kind: 'journal', number, cursor: journalCursor(number), firstPlace, source };
  };
  const more = (sources.moreSigners ?? []).map((signer) => {
    const number = room.signers.names.indexOf(signer.name);
    if (number < 1) throw new TypeError(`the signer ${signer.name} is not registered`);
    return follow(number, signer);
  });
  return [follow(0, sources), ...more];
}
