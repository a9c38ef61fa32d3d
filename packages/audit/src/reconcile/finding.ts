// A finding as others see it, and how one is drafted before it is known whether it is new.

import type { RealmId, Severity, TokenFacts } from '@countersign/vocabulary';
import type { Selectable } from 'kysely';
import type { FindingClass, Verdict } from '../classify/verdict.ts';
import { hexOf } from '../hex-bytes.ts';
import type { LogPlaces } from '../store/log-places.ts';
import type { FindingRow } from '../tables.ts';

export interface Finding {
  uid: string;
  class: FindingClass;
  /**
   * What it is about: `token:HASH`, `log:INDEX`, `journal:KID:NUMBER`, `reporter:ID:DAY`,
   * `kid:KID:REASON:REPORTER:PERIOD`, `tally:KID:DIFFERENCE:NUMBERS`.
   */
  subjectKey: string;
  realm: RealmId | undefined;
  tenant: string | undefined;
  severity: Severity;
  /** True when we checked it ourselves and need not believe a reporter. */
  proven: boolean;
  reason: string;
  message: string;
  tokenHash: string | undefined;
  issuer: string | undefined;
  kid: string | undefined;
  logIndex: number | undefined;
  /** The log of that index, where it is known. */
  logOrigin: string | undefined;
  reporterId: string | undefined;
  /** When it happened, by the clock of whoever saw it. */
  happenedMs: number;
  raisedMs: number;
  /** From happening to alarm, in seconds; never negative. */
  secondsToAlarm: number;
  lastSeenMs: number;
  /** How often it was seen. */
  count: number;
  /** `metadata.uid` of its event. */
  eventUid: string;
}

export interface NamedKey {
  issuer: string;
  kid: string;
}

export interface FindingDraft {
  verdict: Verdict;
  subjectKey: string;
  count: number;
  happenedMs: number;
  realm?: RealmId | undefined;
  tenant?: string | undefined;
  token?: TokenFacts | undefined;
  /** Further keys that the finding ends if its reason ends keys. */
  moreKeys?: readonly NamedKey[] | undefined;
  reporterId?: string | undefined;
  causedBy?: string | undefined;
  verifier?: { name: string; version: string } | undefined;
  extra?: Record<string, string | number> | undefined;
}

export function findingOf(logs: LogPlaces, row: Selectable<FindingRow>): Finding {
  const place = row.log_index === null ? undefined : logs.describe(row.log_index);
  return {
    uid: row.uid,
    class: row.class as FindingClass,
    subjectKey: row.subject_key,
    realm: (row.realm as RealmId | null) ?? undefined,
    tenant: row.tenant ?? undefined,
    severity: row.severity as Severity,
    proven: row.proven === 1,
    reason: row.reason,
    message: row.message,
    tokenHash: row.token_hash === null ? undefined : hexOf(row.token_hash),
    issuer: row.issuer ?? undefined,
    kid: row.kid ?? undefined,
    logIndex: place?.logIndex,
    logOrigin: place?.logOrigin,
    reporterId: row.reporter_id ?? undefined,
    happenedMs: row.happened_ms,
    raisedMs: row.raised_ms,
    secondsToAlarm: secondsBetween(row.happened_ms, row.raised_ms),
    lastSeenMs: row.last_seen_ms,
    count: row.count,
    eventUid: row.event_uid,
  };
}

export function secondsBetween(fromMs: number, toMs: number): number {
  return Math.max(0, toMs - fromMs) / 1000;
}
