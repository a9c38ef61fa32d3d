// Anchors of audit trails that a test house has announced.

import type { AnchorSource } from '../reconcile/sources.ts';

export class TestAnchors implements AnchorSource {
  readonly instance = 'house-of-tests';
  /** Leaf hashes, lower-case hex. */
  readonly hashes = new Set<string>();

  async announced(leafHashes: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set(leafHashes.filter((hash) => this.hashes.has(hash)));
  }
}
