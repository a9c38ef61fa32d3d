// Whether two checkpoints that a log signed can both be true (RFC 9162 §2.1.4). What says so is a
// proof from tiles; tiles that lead nowhere say nothing, two signed roots that disagree are a fork.

import { EMPTY_ROOT, equalBytes, verifyConsistency } from '@countersign/verifier';
import type { ForkEvidence } from '../evidence/fork-evidence.ts';
import type { LogReader } from '../reader/log-reader.ts';
import { readPrefixProof } from '../reader/read-proof.ts';
import { RoundEnd } from './monitor-alarm.ts';
import type { SignedTree } from './read-entries.ts';

/** A checkpoint whose signature was verified, as it was served. */
export interface SignedNoteOfTree extends SignedTree {
  readonly note: string;
}

/**
 * Undefined when the two can be of one append-only log.
 * @throws RoundEnd `tile_differs` when the tiles are not of the larger tree; as LogReader
 */
export async function findFork(
  reader: LogReader,
  one: SignedNoteOfTree,
  other: SignedNoteOfTree,
): Promise<ForkEvidence | undefined> {
  const [first, second] = one.size <= other.size ? [one, other] : [other, one];
  const notes = { first: first.note, second: second.note };
  if (first.size === second.size) return equalBytes(first.root, second.root) ? undefined : notes;
  // Every tree extends the empty one; that its root is right was checked when it was read.
  if (first.size === 0) return undefined;
  const prefix = await readPrefixProof(reader, first.size, second.size);
  if (!verifyConsistency(first.size, second.size, prefix.proof, prefix.root, second.root)) {
    throw new RoundEnd('tile_differs', 'The tiles do not lead to the root that the log signed.', {
      size: second.size,
    });
  }
  return equalBytes(prefix.root, first.root) ? undefined : { ...notes, prefix };
}

/** An empty tree has one root; any other is a lie that needs no second checkpoint. */
export function checkEmptyRoot({ size, root }: SignedTree): void {
  if (size === 0 && !equalBytes(root, EMPTY_ROOT)) {
    throw new RoundEnd('root_differs', 'The log signed a root of no entries that none have.', {
      size,
    });
  }
}
