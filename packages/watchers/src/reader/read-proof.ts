// Proofs and roots made from the tiles of a log (RFC 9162 §2.1.3, §2.1.4). They are only as good as
// the tiles: verify them against a signed root.

import {
  hashRange,
  nodesOfRange,
  planConsistency,
  planInclusion,
  proveConsistency,
  proveInclusion,
} from '@countersign/verifier';
import type { LogReader } from './log-reader.ts';

/** @throws FormatError `proof_impossible` for an index outside the tree; as LogReader */
export async function readInclusionProof(
  reader: LogReader,
  index: number,
  size: number,
): Promise<Uint8Array[]> {
  const tree = { start: 0, end: size };
  const nodes = planInclusion(index, tree).flatMap(nodesOfRange);
  return proveInclusion(index, tree, await reader.nodes(nodes, size));
}

export interface PrefixProof {
  /** Root of the first `oldSize` leaves, by the tiles. */
  root: Uint8Array;
  /** Consistency proof from there to the whole tree. */
  proof: Uint8Array[];
}

/** How the tree of `oldSize` leaves lies in the one of `size`. @throws as LogReader */
export async function readPrefixProof(
  reader: LogReader,
  oldSize: number,
  size: number,
): Promise<PrefixProof> {
  const prefix = { start: 0, end: oldSize };
  const ranges = [prefix, ...planConsistency(prefix, size)];
  const read = await reader.nodes(ranges.flatMap(nodesOfRange), size);
  return { root: hashRange(prefix, read), proof: proveConsistency(prefix, size, read) };
}
