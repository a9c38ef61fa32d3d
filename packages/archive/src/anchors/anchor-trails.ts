// Anchors the trails of all tenants in the log: at least every ten seconds when something changed, one
// leaf for all of them. Announced, then logged, then settled; a crash between two of them costs at most
// a number. Before that, the trails are held against what was anchored of them earlier.

import type { Store } from '@countersign/storage';
import { type AnchorEntry, buildAnchorTree } from '@countersign/trail';
import { EMPTY_ROOT, encodeAnchorLeaf, encodeHex, hashInstance } from '@countersign/verifier';
import type { Clock, Random } from '@countersign/vocabulary';
import { type Kysely, sql } from 'kysely';
import type { ArchiveClient, TenantHead } from '../client/archive-client.ts';
import type { ArchiveTables } from '../tables.ts';
import { type AnchorAnswer, type AnchorBook, openAnchorBook } from './anchor-book.ts';
import { holdAgainstAnchor, type TrailDifference } from './hold-against-anchor.ts';
import { ManifestTrees } from './read-manifests.ts';

export interface AnchoringParts {
  store: Pick<Store<ArchiveTables>, 'read' | 'transaction'>;
  archive: Pick<ArchiveClient, 'followed' | 'readRange'>;
  /** Name of the installation. */
  instance: string;
  clock: Clock;
  random: Random;
  /** Resolves when the entry is durable in a log. */
  append(entry: Uint8Array): Promise<AnchorAnswer>;
  /** Called once for each difference, before anything new is anchored. */
  onDiffers(difference: TrailDifference): Promise<void>;
  /** The first anchor ever, and the first after the log could not be reached. */
  onAnchored?(anchor: number, answer: AnchorAnswer): Promise<void>;
  /** Longest time without an anchor while something changes. Default 10,000. */
  everyMs?: number;
}

export interface Anchoring {
  readonly book: AnchorBook;
  /** About once a second. @throws CodedError of the archive, the store or the log; nothing is lost */
  tick(): Promise<void>;
}

const EVERY_MS = 10_000;
/** How often all that was anchored is read again, while nothing else gives reason to. */
const CHECK_EVERY_MS = 3_600_000;
const PRUNE_EVERY = 100;
const SALT_BYTES = 16;

export function anchorTrails(parts: AnchoringParts): Anchoring {
  return new TrailAnchoring(parts);
}

class TrailAnchoring implements Anchoring {
  readonly book: AnchorBook;
  readonly #parts: AnchoringParts;
  readonly #trees: ManifestTrees;
  /** What the last anchor says of each tenant, or what was found in its place. */
  #known: Map<string, AnchorEntry> | undefined;
  #sequence = 0;
  #anchoredMs = Number.NEGATIVE_INFINITY;
  #checkedMs = Number.NEGATIVE_INFINITY;
  #troubled = false;

  constructor(parts: AnchoringParts) {
    this.#parts = parts;
    this.book = openAnchorBook(parts.store);
    this.#trees = new ManifestTrees(parts.store.read, parts.instance);
  }

  async tick(): Promise<void> {
    const { clock, archive, everyMs = EVERY_MS } = this.#parts;
    const known = await this.#recall();
    const { sequence, heads } = await archive.followed();
    // After a start the archivist makes the chains anew: until it is where it was, or at the end of what
    // is there, they say nothing.
    if (sequence < this.#sequence && sequence < (await newestSequence(this.#parts.store.read))) {
      this.#checkedMs = Number.NEGATIVE_INFINITY;
      return;
    }
    await this.#hold(known, heads);
    const nowMs = clock.nowMs();
    // A clock that was ahead, and was set right, must not keep everything from being anchored.
    if (nowMs < this.#anchoredMs) this.#anchoredMs = Number.NEGATIVE_INFINITY;
    const changed = heads.some((head) => !isSame(known.get(head.tenant), head));
    if (!changed || nowMs - this.#anchoredMs < everyMs) return;
    await this.#anchor(known, heads, sequence, nowMs);
  }

  async #recall(): Promise<Map<string, AnchorEntry>> {
    if (this.#known !== undefined) return this.#known;
    const latest = await this.book.latest();
    const entries = latest === undefined ? [] : await this.book.entriesOf(latest.anchor);
    this.#known = new Map(entries.map((entry) => [entry.tenant, entry]));
    this.#sequence = latest?.sequence ?? 0;
    return this.#known;
  }

  async #hold(known: Map<string, AnchorEntry>, heads: readonly TenantHead[]): Promise<void> {
    const { clock, store, archive, instance, onDiffers } = this.#parts;
    const nowMs = clock.nowMs();
    const isDue = Math.abs(nowMs - this.#checkedMs) >= CHECK_EVERY_MS;
    const held = { read: store.read, archive, instance };
    const byTenant = new Map(heads.map((head) => [head.tenant, head]));
    for (const entry of [...known.values()]) {
      const head = byTenant.get(entry.tenant);
      const quick = head?.count === entry.count && head.head === entry.head;
      if (!isDue && (quick || (head !== undefined && head.count > entry.count))) continue;
      const difference = await holdAgainstAnchor(held, entry, head);
      if (difference === undefined) continue;
      await onDiffers(difference);
      // Told of once: from here on what is there now is held against, and anchored beside the old.
      known.delete(entry.tenant);
    }
    if (isDue) this.#checkedMs = nowMs;
  }

  async #anchor(
    known: Map<string, AnchorEntry>,
    heads: readonly TenantHead[],
    sequence: number,
    atMs: number,
  ): Promise<void> {
    const { instance, append, onAnchored } = this.#parts;
    const anchor = await this.book.nextNumber();
    const entries = await this.#describe(anchor, heads);
    // A segment that is not on record yet: in a second it is.
    if (entries === undefined) return;
    const { root } = buildAnchorTree(entries);
    const leaf = encodeAnchorLeaf({ atMs, instanceHash: hashInstance(instance), anchor, root });
    await this.book.announce({ anchor, atMs, leaf, sequence, entries });
    this.#anchoredMs = atMs;
    if (anchor % PRUNE_EVERY === 0) await this.book.prune(atMs);
    let answer: AnchorAnswer;
    try {
      answer = await append(leaf);
    } catch (error) {
      this.#troubled = true;
      throw error;
    }
    await this.book.settle(anchor, answer);
    if (anchor === 1 || this.#troubled) await onAnchored?.(anchor, answer);
    this.#troubled = false;
    this.#sequence = sequence;
    known.clear();
    for (const entry of entries) known.set(entry.tenant, entry);
  }

  async #describe(
    anchor: number,
    heads: readonly TenantHead[],
  ): Promise<AnchorEntry[] | undefined> {
    const entries: AnchorEntry[] = [];
    for (const { tenant, count, head, segments } of heads) {
      const root = segments === 0 ? EMPTY_ROOT : await this.#trees.rootAt(tenant, segments);
      if (root === undefined) return undefined;
      const salt = encodeHex(this.#parts.random.bytes(SALT_BYTES));
      const segmentsRoot = encodeHex(root);
      entries.push({ v: 1, anchor, tenant, count, head, segments, segmentsRoot, salt });
    }
    return entries;
  }
}

/** Of the event table, whose rows the archivist follows. */
async function newestSequence(read: Kysely<ArchiveTables>): Promise<number> {
  const newest = sql<{ newest: number | null }>`SELECT max(sequence) AS newest FROM event`;
  return (await newest.execute(read)).rows[0]?.newest ?? 0;
}

function isSame(entry: AnchorEntry | undefined, head: TenantHead): boolean {
  return (
    entry !== undefined &&
    entry.count === head.count &&
    entry.head === head.head &&
    entry.segments === head.segments
  );
}
