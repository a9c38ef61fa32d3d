// Bulk events leave the event table some time after the log holds the root of their segment: tokens
// issued and used, reads, and imported records. All others stay, because reactions look them up there.
// A trigger refuses the deletion of any event that no anchored segment covers.

import { sql } from 'kysely';
import type { ArchiveRoom } from './archive-room.ts';
import { INSTALLATION } from './archive-room.ts';

export const BULK_NAMES = [
  ...['token.issued', 'token.refreshed', 'token.exchanged', 'token.verified', 'token.refused'],
  ...['token.introspected', 'audit.read', 'data.accessed'],
] as const;

/** Rows deleted in one transaction: others wait for it. */
const AT_ONCE = 500;
const HOUR_MS = 3_600_000;
const MOST_SEGMENTS = 100;

/** @returns how many events left the table */
export async function pruneHot(room: ArchiveRoom): Promise<number> {
  const { store, clock, limits } = room;
  const nowMs = clock.nowMs();
  const oldestNeeded = await room.oldestNeeded();
  const due = await store.read
    .selectFrom('segment')
    .select(['tenant', 'segment', 'first_sequence', 'last_sequence'])
    .where('pruned_ms', 'is', null)
    .where('state', 'in', ['anchored', 'compacted'])
    .where('sealed_ms', '<=', nowMs - limits.hotHours * HOUR_MS)
    .where('last_sequence', '<', oldestNeeded)
    .where(isReadable)
    .orderBy('sealed_ms')
    .limit(MOST_SEGMENTS)
    .execute();
  let pruned = 0;
  for (const segment of due) {
    pruned += await deleteHot(room, segment, isBulk);
    await store.transaction((tx) =>
      tx
        .updateTable('segment')
        .set({ pruned_ms: nowMs })
        .where('tenant', '=', segment.tenant)
        .where('segment', '=', segment.segment)
        .execute(),
    );
  }
  return pruned;
}

/** Of a file that is missing or damaged the event table may be the last whole copy. */
const isReadable = sql<boolean>`EXISTS (SELECT 1 FROM segment_file AS held
  WHERE held.tenant = segment.tenant AND held.first = (SELECT max(first) FROM segment_file AS one
    WHERE one.tenant = segment.tenant AND one.first <= segment.first)
  AND held.last >= segment.last AND held.trouble IS NULL)`;
const isBulk = sql<boolean>`(source IS NOT NULL OR name IN (${sql.join(BULK_NAMES)}))`;
/** All but those that are kept for the life of a key and longer. */
export const isNoKeyEvent = sql<boolean>`NOT (name LIKE 'key.%' AND source IS NULL)`;
export const isAny = sql<boolean>`true`;

export interface HotRange {
  tenant: string;
  first_sequence: number;
  last_sequence: number;
}

export async function deleteHot(
  { store }: Pick<ArchiveRoom, 'store'>,
  { tenant, first_sequence, last_sequence }: HotRange,
  condition: typeof isAny,
): Promise<number> {
  const owner = tenant === INSTALLATION ? sql`tenant IS NULL` : sql`tenant = ${tenant}`;
  for (let deleted = 0; ; ) {
    const { numAffectedRows = 0n } = await store.transaction((tx) =>
      sql`DELETE FROM event WHERE sequence IN (SELECT sequence FROM event WHERE ${owner}
        AND sequence BETWEEN ${first_sequence} AND ${last_sequence} AND ${condition}
        LIMIT ${AT_ONCE})`.execute(tx),
    );
    deleted += Number(numAffectedRows);
    if (numAffectedRows < BigInt(AT_ONCE)) return deleted;
  }
}
