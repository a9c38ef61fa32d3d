// Reads the tags of leaves with a tenant's key: the tenant's list of its tokens, its monitor and its
// verifiers all ask here. Day keys are remembered, because leaves of one day come together.

import { equalBytes } from '../bytes/compare-bytes.ts';
import type { LeafEntry } from './leaf-entry.ts';
import { demandTenantTagKey, type TenantTagKey } from './tenant-tag-key.ts';
import { dayKey, dayOf, matchesTenant, userTag } from './tenant-tags.ts';

/** The part of a leaf that tags depend on. */
export type TaggedLeaf = Pick<LeafEntry, 'issuedMs' | 'commitment' | 'tags'>;

export interface LeafRecogniser {
  readonly tenant: string;
  /** The instance that issued the leaf's token; undefined for a leaf that is not the tenant's. */
  recognise(leaf: TaggedLeaf): string | undefined;
  /** True for a leaf of the tenant whose token was issued to `subject`. */
  isOf(leaf: TaggedLeaf, subject: string): boolean;
}

/** Days whose keys are remembered: a log is read in order, so few are in use at a time. */
const MOST_DAYS = 32;

/** @throws FormatError `tag_key_malformed` */
export function recogniseLeaves(key: TenantTagKey): LeafRecogniser {
  return new KeyedRecogniser(demandTenantTagKey(key));
}

class KeyedRecogniser implements LeafRecogniser {
  readonly tenant: string;
  readonly #keys: readonly Uint8Array[];
  readonly #instances: readonly string[];
  readonly #days = new Map<number, readonly Uint8Array[]>();

  constructor({ tenant, keys, instances }: TenantTagKey) {
    this.tenant = tenant;
    this.#keys = keys.map((key) => Uint8Array.from(key));
    this.#instances = [...instances];
  }

  recognise({ issuedMs, commitment, tags }: TaggedLeaf): string | undefined {
    if (tags === undefined) return undefined;
    let found: string | undefined;
    for (const key of this.#keysOf(issuedMs)) {
      found = matchesTenant(tags, key, this.#instances, commitment) ?? found;
    }
    return found;
  }

  isOf({ issuedMs, commitment, tags }: TaggedLeaf, subject: string): boolean {
    if (tags === undefined) return false;
    let found = false;
    for (const key of this.#keysOf(issuedMs)) {
      const isOurs = matchesTenant(tags, key, this.#instances, commitment) !== undefined;
      const isTheirs = equalBytes(tags.user, userTag(key, subject));
      // Both under one key: a person's tag of one key says nothing under another.
      if (isOurs && isTheirs) found = true;
    }
    return found;
  }

  #keysOf(issuedMs: number): readonly Uint8Array[] {
    const day = dayOf(issuedMs);
    const known = this.#days.get(day);
    if (known !== undefined) return known;
    const keys = this.#keys.map((key) => dayKey(key, issuedMs));
    for (const oldest of this.#days.keys()) {
      if (this.#days.size < MOST_DAYS) break;
      this.#days.delete(oldest);
    }
    this.#days.set(day, keys);
    return keys;
  }
}
