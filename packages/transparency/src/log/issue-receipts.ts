// Receipts for a group that is already durable: each of its aligned subtrees is signed once (MTC
// CosignedMessage), and every entry gets its path and that signature.

import { sign } from 'node:crypto';
import { cosignedMessage, encodeSubtreeReceipts } from '@countersign/verifier';
import type { LogKey } from '../identity/log-key-file.ts';
import { rootOf, type SealedGroup } from '../tree/seal-group.ts';

/** One receipt for each entry of a group that the log has made durable, in order. */
export function issueReceipts(
  key: LogKey,
  origin: string,
  entries: readonly Uint8Array[],
  { subtrees }: SealedGroup,
): Uint8Array[] {
  const firstIndex = subtrees[0]?.start ?? 0;
  return subtrees.flatMap((subtree) => {
    const { start, level, nodes } = subtree;
    const end = start + 2 ** level;
    const message = cosignedMessage(origin, origin, { start, end }, rootOf(subtree));
    return encodeSubtreeReceipts({
      keyId: key.note.id,
      firstIndex: start,
      entries: entries.slice(start - firstIndex, end - firstIndex),
      nodes,
      signature: sign(null, message, key.privateKey),
    });
  });
}
