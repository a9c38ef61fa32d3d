// One leaf of the log for all tenants: the tree over their anchor entries, sorted by name.

import { type NodeReader, proveInclusion, RootAccumulator } from '@countersign/verifier';
import { trailError } from '../trail-error.ts';
import { type AnchorEntry, hashAnchorEntry } from './anchor-entry.ts';

/** Where an entry stands in the tree of its anchor. */
export interface AnchorPlace {
  readonly index: number;
  /** Entries in the tree. */
  readonly size: number;
  /** RFC 6962 inclusion proof, leaf to root. */
  readonly path: readonly Uint8Array[];
}

export interface AnchorTree {
  readonly root: Uint8Array;
  /** Sorted as they are in the tree. */
  readonly entries: readonly AnchorEntry[];
  /** Undefined for a tenant without an entry. */
  prove(tenant: string): AnchorPlace | undefined;
}

/** @throws CodedError `trail_inconsistent` for no entry, a tenant named twice or several anchors */
export function buildAnchorTree(given: readonly AnchorEntry[]): AnchorTree {
  const entries = [...given].sort((a, b) => (a.tenant < b.tenant ? -1 : 1));
  const names = new Map(entries.map(({ tenant }, index) => [tenant, index]));
  const anchors = new Set(entries.map(({ anchor }) => anchor));
  if (names.size !== entries.length || anchors.size !== 1) {
    throw trailError('trail_inconsistent', 'An anchor has one entry for each tenant.');
  }
  const nodes = new Map<string, Uint8Array>();
  const tree = new RootAccumulator();
  for (const entry of entries) {
    tree.add(hashAnchorEntry(entry), (level, index, hash) => nodes.set(`${level}/${index}`, hash));
  }
  const read: NodeReader = ({ level, index }) => nodes.get(`${level}/${index}`) ?? new Uint8Array();
  const whole = { start: 0, end: entries.length };
  return {
    root: tree.root(),
    entries,
    prove(tenant) {
      const index = names.get(tenant);
      if (index === undefined) return undefined;
      return { index, size: entries.length, path: proveInclusion(index, whole, read) };
    },
  };
}
