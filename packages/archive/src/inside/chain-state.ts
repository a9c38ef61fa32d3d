// How far the chain of each tenant has come, and what its next segment holds so far.

import {
  firstHead,
  hashEvent,
  INSTALLATION_TENANT,
  nextHead,
  SALT_BYTES,
} from '@countersign/trail';
import { RootAccumulator } from '@countersign/verifier';
import type { SegmentTable } from '../tables.ts';
import type { HotRow } from './event-table.ts';

/** What the segment now being filled holds of one tenant. */
export interface OpenSegment {
  tenant: string;
  first: number;
  firstSequence: number;
  lastSequence: number;
  headBefore: Buffer;
  headAfter: Buffer;
  root: RootAccumulator;
  firstMs: number;
  lastMs: number;
  firstUid: string;
  lastUid: string;
  keyEvents: number;
}

export interface Chain {
  count: number;
  head: Buffer;
  /** Sealed ones, on record or about to be. */
  segments: number;
  lastSequence: number;
}

/** Where an event stands, as `take` found it. */
export interface Link {
  tenant: string;
  number: number;
}

/** Salt of events from before there were salts. */
export const NO_SALT = new Uint8Array(SALT_BYTES);
/** Events that are kept for the life of a key and longer. */
export const KEY_EVENT_PREFIX = 'key.';

export class Chains {
  readonly #instance: string;
  readonly #chains = new Map<string, Chain>();

  constructor(instance: string) {
    this.#instance = instance;
  }

  /** Begins where the segments on record end. @param segments in order of tenant and number */
  resume(segments: readonly SegmentTable[]): void {
    this.#chains.clear();
    for (const row of segments) {
      this.#chains.set(row.tenant, {
        count: row.last,
        head: Buffer.from(row.head_after, 'hex'),
        segments: row.segment,
        lastSequence: row.last_sequence,
      });
    }
  }

  of(tenant: string): Chain {
    let chain = this.#chains.get(tenant);
    if (chain === undefined) {
      const head = firstHead(this.#instance, tenant);
      chain = { count: 0, head, segments: 0, lastSequence: 0 };
      this.#chains.set(tenant, chain);
    }
    return chain;
  }

  entries(): IterableIterator<[string, Chain]> {
    return this.#chains.entries();
  }

  /** Adds an event to its chain and to the segment that is being filled. */
  take(open: Map<string, OpenSegment>, row: HotRow): Link {
    const [sequence, uid, tenantOrNull, timeMs, name, , salt, ocsf] = row;
    const tenant = tenantOrNull ?? INSTALLATION_TENANT;
    const chain = this.of(tenant);
    const leaf = hashEvent(salt ?? NO_SALT, ocsf);
    const segment = open.get(tenant) ?? openSegment(open, tenant, chain, row);
    segment.root.add(leaf);
    segment.firstMs = Math.min(segment.firstMs, timeMs);
    segment.lastMs = Math.max(segment.lastMs, timeMs);
    if (uid < segment.firstUid) segment.firstUid = uid;
    if (uid > segment.lastUid) segment.lastUid = uid;
    if (name.startsWith(KEY_EVENT_PREFIX)) segment.keyEvents += 1;
    chain.head = nextHead(chain.head, leaf);
    chain.count += 1;
    chain.lastSequence = sequence;
    segment.headAfter = chain.head;
    segment.lastSequence = sequence;
    return { tenant, number: chain.count };
  }
}

function openSegment(
  open: Map<string, OpenSegment>,
  tenant: string,
  chain: Chain,
  [sequence, uid, , timeMs]: HotRow,
): OpenSegment {
  const segment: OpenSegment = {
    ...{ tenant, first: chain.count + 1, firstSequence: sequence, lastSequence: sequence },
    ...{ headBefore: chain.head, headAfter: chain.head },
    ...{ root: new RootAccumulator(), firstMs: timeMs, lastMs: timeMs },
    ...{ firstUid: uid, lastUid: uid, keyEvents: 0 },
  };
  open.set(tenant, segment);
  return segment;
}
