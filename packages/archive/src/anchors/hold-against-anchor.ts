// Holds what the archivist makes of the record now against what was anchored of it earlier. Whoever
// changes an event, a segment or their order afterwards, in whatever store, contradicts the log.

import { type AnchorEntry, extendHead, firstHead } from '@countersign/trail';
import { encodeHex } from '@countersign/verifier';
import { isCodedError } from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import type { ArchiveClient, TenantHead } from '../client/archive-client.ts';
import type { ArchiveTables } from '../tables.ts';
import { ManifestTrees } from './read-manifests.ts';

export interface TrailDifference {
  tenant: string;
  reason: /** The chain has fewer events than were anchored. */
    | 'events_missing'
    /** The events up to the anchored number lead to another head. */
    | 'head_differs'
    /** The manifests of segments are not those that were anchored, or not all there. */
    | 'segments_differ';
  anchor: number;
  /** Number of events that the anchor speaks for. */
  count: number;
}

export interface HeldParts {
  read: Kysely<ArchiveTables>;
  archive: Pick<ArchiveClient, 'readRange'>;
  instance: string;
}

/** Beyond it the events since the last seal are left to the next check: each is read once. */
const MOST_EVENTS_READ = 200_000;
const EVENTS_AT_ONCE = 2_000;

/** @returns undefined when nothing contradicts the anchor */
export async function holdAgainstAnchor(
  parts: HeldParts,
  entry: AnchorEntry,
  head: TenantHead | undefined,
): Promise<TrailDifference | undefined> {
  const { tenant, anchor, count } = entry;
  const differs = (reason: TrailDifference['reason']) => ({ tenant, reason, anchor, count });
  if (count > 0 && (head === undefined || head.count < count)) return differs('events_missing');
  const trees = new ManifestTrees(parts.read, parts.instance);
  const root = await trees.rootAt(tenant, entry.segments);
  if (root === undefined || encodeHex(root) !== entry.segmentsRoot)
    return differs('segments_differ');
  const now = await headAt(parts, tenant, count);
  return now === undefined || now === entry.head ? undefined : differs('head_differs');
}

/** The head after `count` events, from the last segment before it; undefined for too many to read, or none. */
async function headAt(
  { read, archive, instance }: HeldParts,
  tenant: string,
  count: number,
): Promise<string | undefined> {
  const segment = await read
    .selectFrom('segment')
    .select(['last', 'head_after'])
    .where('tenant', '=', tenant)
    .where('last', '<=', count)
    .orderBy('last', 'desc')
    .limit(1)
    .executeTakeFirst();
  let head: Uint8Array =
    segment === undefined ? firstHead(instance, tenant) : Buffer.from(segment.head_after, 'hex');
  let from = (segment?.last ?? 0) + 1;
  if (count - from >= MOST_EVENTS_READ) return undefined;
  while (from <= count) {
    const limit = Math.min(EVENTS_AT_ONCE, count - from + 1);
    const events = await archive.readRange({ tenant, from, limit }).catch(noneIfDamaged);
    if (events.length === 0) return undefined;
    head = extendHead(head, Buffer.from(events.map(({ leaf }) => leaf).join(''), 'hex'));
    from += events.length;
  }
  return encodeHex(head);
}

/** A file that is lost is an alarm of its own; it must not keep the others from being anchored. */
function noneIfDamaged(error: unknown): [] {
  if (isCodedError(error) && error.code === 'archive_damaged') return [];
  throw error;
}
