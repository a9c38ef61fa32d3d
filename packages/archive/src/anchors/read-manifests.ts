// Manifests of the segments on record, and the tree over them that an anchor holds the root of.

import { hashManifest, manifestOf, type SegmentManifest, type Tombstone } from '@countersign/trail';
import { RootAccumulator } from '@countersign/verifier';
import type { Kysely, Selectable } from 'kysely';
import type { ArchiveTables, SegmentTable } from '../tables.ts';

/** The manifest that was anchored; with `deletedMs` when only this is left of the segment. */
export function describeSegment(
  instance: string,
  row: Selectable<SegmentTable>,
): SegmentManifest | Tombstone {
  const manifest: SegmentManifest = {
    ...{ v: 1, instance, tenant: row.tenant, segment: row.segment },
    ...{ first: row.first, last: row.last, root: row.root },
    ...{ headBefore: row.head_before, headAfter: row.head_after },
    ...{ firstMs: row.first_ms, lastMs: row.last_ms, sealedMs: row.sealed_ms },
  };
  if (row.state !== 'deleted' || row.deleted_ms === null) return manifest;
  return { ...manifest, deletedMs: row.deleted_ms, profile: row.profile ?? 'default' };
}

export function isTombstone(manifest: SegmentManifest | Tombstone): manifest is Tombstone {
  return 'deletedMs' in manifest;
}

/** Rows read in one go: a year of hourly segments is 8,760. */
const ROWS_AT_ONCE = 2_000;

/** Segments `after` + 1 to `through`, in order. */
export async function* readManifests(
  read: Kysely<ArchiveTables>,
  { instance, tenant, after, through }: ManifestRange,
): AsyncGenerator<SegmentManifest | Tombstone> {
  for (let from = after; from < through; ) {
    const rows = await read
      .selectFrom('segment')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('segment', '>', from)
      .where('segment', '<=', through)
      .orderBy('segment')
      .limit(ROWS_AT_ONCE)
      .execute();
    for (const row of rows) yield describeSegment(instance, row);
    const last = rows.at(-1);
    if (last === undefined) return;
    from = last.segment;
  }
}

export interface ManifestRange {
  instance: string;
  tenant: string;
  after: number;
  through: number;
}

/** The tree over a tenant's manifests, which only grows: kept, and extended by what came since. */
export class ManifestTrees {
  readonly #read: Kysely<ArchiveTables>;
  readonly #instance: string;
  readonly #trees = new Map<string, RootAccumulator>();

  constructor(read: Kysely<ArchiveTables>, instance: string) {
    this.#read = read;
    this.#instance = instance;
  }

  /** The root over segments 1 to `segments`; undefined when the record does not hold so many. */
  async rootAt(tenant: string, segments: number): Promise<Uint8Array | undefined> {
    const kept = this.#trees.get(tenant);
    const tree = kept !== undefined && kept.size <= segments ? kept.copy() : new RootAccumulator();
    const range = { instance: this.#instance, tenant, after: tree.size, through: segments };
    for await (const manifest of readManifests(this.#read, range)) {
      if (manifest.segment !== tree.size + 1) return undefined;
      tree.add(hashManifest(isTombstone(manifest) ? manifestOf(manifest) : manifest));
    }
    if (tree.size !== segments) return undefined;
    this.#trees.set(tenant, tree);
    return tree.root();
  }
}
