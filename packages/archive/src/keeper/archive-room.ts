// What every part of the keeper works with.

import type { Store } from '@countersign/storage';
import type { Clock, CountersignEvent, Random } from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import type { ArchiveClient } from '../client/archive-client.ts';
import type { ArchiveTables } from '../tables.ts';

/** What this room needs of the event table, which is the audit room's. */
export interface HotEventTables {
  event: { sequence: number; tenant: string | null; name: string; source: string | null };
}

export type ArchiveStore = Pick<Store<ArchiveTables & HotEventTables>, 'read' | 'transaction'>;
export type ArchiveWriting = Kysely<ArchiveTables & HotEventTables>;

export interface ArchiveLimits {
  /** Default 3,600. */
  sealEverySeconds: number;
  /** Sealed earlier when so many events are hot. Default 100,000. */
  sealEvents: number;
  /** Or so many characters of them. Default 128 Mi. */
  sealCharacters: number;
  /** Bulk events stay in the event table for so long after they were sealed. Default 24. */
  hotHours: number;
  /** Files are put together up to this size. Default 256 MiB. */
  largestFileBytes: number;
}

export interface ArchiveRoom {
  store: ArchiveStore;
  client: ArchiveClient;
  /** DATA/archive, where the archivist writes. */
  folder: string;
  clock: Clock;
  random: Random;
  limits: ArchiveLimits;
  /** The longest that a key of ours may live. */
  longestKeyLifeSeconds: number;
  /** Jobs whose files are written and perhaps not on record yet. */
  recording: { jobs: number };
  /** `audit.record`. */
  record(events: readonly CountersignEvent[]): Promise<unknown>;
  /** The oldest event that somebody who follows the event table still needs; later ones too. */
  oldestNeeded(): Promise<number>;
}

export const ARCHIVE_ACTOR = { kind: 'system', id: 'archive' } as const;
/** Tenant of the installation's own events, which have none. */
export const INSTALLATION = '_installation';

/** The tenant as events have it. */
export function ownerOf(tenant: string): { tenant?: string } {
  return tenant === INSTALLATION ? {} : { tenant };
}
