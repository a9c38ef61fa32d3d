// What was touched of one person in one tenant: items once however often, with when and how surely.

import type { TouchedItem } from '@countersign/vocabulary';
import type { Activity } from '../activity.ts';
import type { Confidence } from '../judge/judgement.ts';

export interface ListedItem extends TouchedItem {
  firstMs: number;
  lastMs: number;
  times: number;
  confidence: Confidence;
  /** The first record that names it. */
  record: string;
}

export interface WholeFolder {
  id: string;
  in: string | null;
  name: string | null;
  firstMs: number;
  lastMs: number;
  record: string;
}

export type ByConfidence = Record<Confidence, number>;

const MOST_NAMES = 50;
const RANK: Readonly<Record<Confidence, number>> = { high: 0, medium: 1, low: 2 };

/** Room for items that all pages share. */
export interface ItemRoom {
  left: number;
}

export class PersonPage {
  readonly person: string;
  readonly tenant: string | null;
  readonly #names = new Set<string>();
  readonly #items = new Map<string, ListedItem>();
  readonly #folders = new Map<string, WholeFolder>();
  readonly #operations = new Map<string, number>();
  readonly #clients = new Set<string>();
  readonly #addresses = new Set<string>();
  readonly #records: ByConfidence = { high: 0, medium: 0, low: 0 };
  #firstMs = Number.POSITIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;
  #unlisted = 0;
  #refused = 0;

  constructor(person: string, tenant: string | null) {
    this.person = person;
    this.tenant = tenant;
  }

  add(activity: Activity, confidence: Confidence, room: ItemRoom): void {
    const { facts, timeMs, at } = activity;
    this.#records[confidence] += 1;
    this.#firstMs = Math.min(this.#firstMs, timeMs);
    this.#lastMs = Math.max(this.#lastMs, timeMs);
    for (const name of facts.persons ?? []) keep(this.#names, name);
    keep(this.#clients, facts.client ?? facts.app);
    keep(this.#addresses, facts.ip);
    const times = this.#operations.get(facts.operation);
    if (times !== undefined || this.#operations.size < MOST_NAMES)
      this.#operations.set(facts.operation, (times ?? 0) + 1);
    if (facts.outcome === 'failure') {
      this.#refused += 1;
      return;
    }
    for (const item of facts.items ?? [])
      if (item.kind === 'folder' && facts.itemsComplete === false)
        this.#addFolder(item, timeMs, at);
      else this.#addItem(item, { timeMs, at, confidence }, room);
  }

  describe(mostListed: number) {
    const items = [...this.#items.values()].sort(
      (a, b) => a.firstMs - b.firstMs || (a.id < b.id ? -1 : 1),
    );
    const byKind: Record<string, number> = {};
    const confidence: ByConfidence = { high: 0, medium: 0, low: 0 };
    for (const item of items) {
      byKind[item.kind] = (byKind[item.kind] ?? 0) + 1;
      confidence[item.confidence] += 1;
    }
    return {
      ...{ person: this.person, tenant: this.tenant, names: [...this.#names].sort() },
      ...{ records: this.#records, refused: this.#refused },
      ...{ firstMs: this.#firstMs, lastMs: this.#lastMs },
      operations: Object.fromEntries([...this.#operations].sort(([, a], [, b]) => b - a)),
      ...{ clients: [...this.#clients], addresses: [...this.#addresses] },
      items: {
        total: items.length,
        /** Named by records beyond the bound: perhaps the same again, perhaps more. */
        unlisted: this.#unlisted,
        ...{ byKind, confidence, list: items.slice(0, mostListed) },
        more: Math.max(0, items.length - mostListed),
      },
      /** All that was in them must be taken as read. */
      wholeFolders: [...this.#folders.values()],
    };
  }

  #addItem(
    item: TouchedItem,
    { timeMs, at, confidence }: { timeMs: number; at: string; confidence: Confidence },
    room: ItemRoom,
  ): void {
    const key = `${item.kind}\n${item.in ?? ''}\n${item.id}`;
    const known = this.#items.get(key);
    if (known === undefined) {
      if (room.left <= 0) {
        this.#unlisted += 1;
        return;
      }
      room.left -= 1;
      const seen = { firstMs: timeMs, lastMs: timeMs, times: 1, confidence, record: at };
      this.#items.set(key, { ...item, ...seen });
      return;
    }
    known.times += 1;
    if (timeMs < known.firstMs) Object.assign(known, { firstMs: timeMs, record: at });
    known.lastMs = Math.max(known.lastMs, timeMs);
    if (RANK[confidence] < RANK[known.confidence]) known.confidence = confidence;
  }

  #addFolder({ id, in: holder, name }: TouchedItem, timeMs: number, record: string): void {
    const key = `${holder ?? ''}\n${id}`;
    const known = this.#folders.get(key);
    const folder = {
      id,
      in: holder ?? null,
      name: name ?? null,
      firstMs: timeMs,
      lastMs: timeMs,
      record,
    };
    if (known === undefined) {
      this.#folders.set(key, folder);
      return;
    }
    if (timeMs < known.firstMs) Object.assign(known, { firstMs: timeMs, record });
    known.lastMs = Math.max(known.lastMs, timeMs);
  }
}

function keep(names: Set<string>, name: string | undefined): void {
  if (name !== undefined && names.size < MOST_NAMES) names.add(name);
}
