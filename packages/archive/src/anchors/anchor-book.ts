// The book of anchors: what was announced, what the log answered, and what each said of each tenant.

import type { Store } from '@countersign/storage';
import { type AnchorEntry, formatAnchorEntry, parseAnchorEntry } from '@countersign/trail';
import { hashLeaf } from '@countersign/verifier';
import { archiveError } from '../archive-error.ts';
import type { ArchiveTables } from '../tables.ts';
import { ANCHOR_KEPT_DAYS, ANCHORS_WITH_ENTRIES } from './anchor-tables.ts';

export interface AnnouncedAnchor {
  anchor: number;
  atMs: number;
  leaf: Uint8Array;
  /** Everything up to here was followed when the heads were taken. */
  sequence: number;
  entries: readonly AnchorEntry[];
}

export interface AnchorAnswer {
  logIndex: number;
  logOrigin: string;
  receipt: Uint8Array;
}

export interface KeptAnchor extends Omit<AnnouncedAnchor, 'entries'>, AnchorAnswer {}

export interface AnchorBook {
  /** Number that the next anchor takes. */
  nextNumber(): Promise<number>;
  /** Durable when it resolves: the leaf is known to be ours from here on. */
  announce(anchor: AnnouncedAnchor): Promise<void>;
  /** Enters the log's answer; the segments that the anchor holds are anchored with it. */
  settle(anchor: number, answer: AnchorAnswer): Promise<void>;
  /** The newest that the log has answered; undefined before there is one. */
  latest(): Promise<KeptAnchor | undefined>;
  /** The newest of those at or below this place of that log. */
  latestBelow(logOrigin: string, size: number): Promise<KeptAnchor | undefined>;
  entriesOf(anchor: number): Promise<AnchorEntry[]>;
  /** Those of these leaf hashes (lower-case hex) that were announced. */
  announced(leafHashes: readonly string[]): Promise<Set<string>>;
  /** Lets go of what is too old to be asked for. */
  prune(nowMs: number): Promise<void>;
}

type AnchorStore = Pick<Store<ArchiveTables>, 'read' | 'transaction'>;

const DAY_MS = 86_400_000;

export function openAnchorBook(store: AnchorStore): AnchorBook {
  return {
    async nextNumber() {
      const { last } = await store.read
        .selectFrom('anchor')
        .select(({ fn }) => fn.max('anchor').as('last'))
        .executeTakeFirstOrThrow();
      return (last ?? 0) + 1;
    },
    announce: (anchor) => announce(store, anchor),
    settle: (anchor, answer) => settle(store, anchor, answer),
    async latest() {
      const row = await settled(store).executeTakeFirst();
      return row && keptAnchor(row);
    },
    async latestBelow(logOrigin, size) {
      const row = await settled(store)
        .where('log_origin', '=', logOrigin)
        .where('log_index', '<', size)
        .executeTakeFirst();
      return row && keptAnchor(row);
    },
    async entriesOf(anchor) {
      const rows = await store.read
        .selectFrom('anchor_entry')
        .select('entry')
        .where('anchor', '=', anchor)
        .orderBy('tenant')
        .execute();
      return rows.map(({ entry }) => parseAnchorEntry(entry));
    },
    announced: (leafHashes) => findAnnounced(store, leafHashes),
    prune: (nowMs) => prune(store, nowMs),
  };
}

async function announce(store: AnchorStore, announced: AnnouncedAnchor): Promise<void> {
  const { anchor, atMs: at_ms, leaf, sequence, entries } = announced;
  await store.transaction(async (tx) => {
    await tx
      .insertInto('anchor')
      .values({
        ...{ anchor, at_ms, leaf, leaf_hash: hashLeaf(leaf), sequence },
        ...{ log_index: null, log_origin: null, receipt: null },
      })
      .execute();
    for (const entry of entries) {
      const row = { anchor, tenant: entry.tenant, entry: formatAnchorEntry(entry) };
      await tx.insertInto('anchor_entry').values(row).execute();
    }
  });
}

async function settle(
  store: AnchorStore,
  anchor: number,
  { logIndex: log_index, logOrigin: log_origin, receipt }: AnchorAnswer,
): Promise<void> {
  await store.transaction(async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('anchor')
      .set({ log_index, log_origin, receipt })
      .where('anchor', '=', anchor)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows !== 1n) {
      throw archiveError('anchor_unknown', 'An anchor is announced before the log is asked.');
    }
    const rows = await tx
      .selectFrom('anchor_entry')
      .select('entry')
      .where('anchor', '=', anchor)
      .execute();
    for (const { tenant, segments } of rows.map(({ entry }) => parseAnchorEntry(entry))) {
      await tx
        .updateTable('segment')
        .set({ state: 'anchored' })
        .where('tenant', '=', tenant)
        .where('segment', '<=', segments)
        .where('state', '=', 'sealed')
        .execute();
    }
  });
}

function settled(store: AnchorStore) {
  return store.read
    .selectFrom('anchor')
    .selectAll()
    .where('receipt', 'is not', null)
    .orderBy('anchor', 'desc')
    .limit(1);
}

function keptAnchor(row: ArchiveTables['anchor']): KeptAnchor | undefined {
  const { anchor, at_ms: atMs, leaf, sequence, log_index, log_origin, receipt } = row;
  if (log_index === null || log_origin === null || receipt === null) return undefined;
  const bytes = { leaf: Uint8Array.from(leaf), receipt: Uint8Array.from(receipt) };
  return { anchor, atMs, sequence, logIndex: log_index, logOrigin: log_origin, ...bytes };
}

async function findAnnounced(
  store: AnchorStore,
  leafHashes: readonly string[],
): Promise<Set<string>> {
  if (leafHashes.length === 0) return new Set();
  const rows = await store.read
    .selectFrom('anchor')
    .select('leaf_hash')
    .where(
      'leaf_hash',
      'in',
      leafHashes.map((hash) => Buffer.from(hash, 'hex')),
    )
    .execute();
  return new Set(rows.map(({ leaf_hash }) => Buffer.from(leaf_hash).toString('hex')));
}

/** The newest stays whole, with its entries, however old it is: it is what the trails are held against. */
async function prune(store: AnchorStore, nowMs: number): Promise<void> {
  await store.transaction(async (tx) => {
    const { last } = await tx
      .selectFrom('anchor')
      .select(({ fn }) => fn.max('anchor').as('last'))
      .executeTakeFirstOrThrow();
    const newest = await tx
      .selectFrom('anchor')
      .select(({ fn }) => fn.max('anchor').as('settled'))
      .where('receipt', 'is not', null)
      .executeTakeFirstOrThrow();
    const recent = (last ?? 0) - ANCHORS_WITH_ENTRIES + 1;
    const settledLast = newest.settled ?? 0;
    // Also those that the log never answered: while it is away, one comes every ten seconds.
    await tx
      .deleteFrom('anchor_entry')
      .where('anchor', '<', recent)
      .where('anchor', '<>', settledLast)
      .execute();
    const below = Math.min(settledLast, recent);
    await tx
      .deleteFrom('anchor')
      .where('anchor', '<', below)
      .where('at_ms', '<', nowMs - (ANCHOR_KEPT_DAYS + 1) * DAY_MS)
      .execute();
  });
}
