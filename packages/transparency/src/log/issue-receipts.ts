// Receipts for a group that is already durable: the interval is cut into aligned subtrees, each
// signed once (MTC CosignedMessage), and every entry gets its path and that signature.

import { sign } from 'node:crypto';
import { cosignedMessage, encodeReceipt } from '@countersign/verifier';
import type { LogKey } from '../identity/log-key-file.ts';
import { cutIntoSubtrees, pathWithin, sealSubtree } from '../tree/seal-subtree.ts';
import type { ReceiptFacts } from './check-entry.ts';

export interface GroupEntry {
  leaf: ReceiptFacts;
  leafHash: Uint8Array;
}

export interface IssuedSubtree {
  /** The subtree has 2^level leaves. */
  level: number;
  root: Uint8Array;
}

export interface IssuedGroup {
  /** One for each entry, in order. */
  receipts: Uint8Array[];
  /** The subtrees of the group from left to right, for the tree to grow by. */
  subtrees: IssuedSubtree[];
}

/** @param firstIndex index of the first entry, which the log has made durable */
export function issueReceipts(
  key: LogKey,
  origin: string,
  firstIndex: number,
  group: readonly GroupEntry[],
): IssuedGroup {
  const receipts: Uint8Array[] = [];
  const subtrees: IssuedSubtree[] = [];
  for (const subtree of cutIntoSubtrees(firstIndex, firstIndex + group.length)) {
    const members = group.slice(subtree.start - firstIndex, subtree.end - firstIndex);
    const sealed = sealSubtree(members.map(({ leafHash }) => leafHash));
    const message = cosignedMessage(origin, origin, subtree, sealed.root);
    const signature = sign(null, message, key.privateKey);
    const log2Span = sealed.levels.length - 1;
    members.forEach(({ leaf }, position) => {
      const proof = pathWithin(sealed, position);
      const { issuedMs, tags } = leaf;
      const index = subtree.start + position;
      const keyId = key.note.id;
      receipts.push(encodeReceipt({ keyId, index, issuedMs, tags, log2Span, proof, signature }));
    });
    subtrees.push({ level: log2Span, root: sealed.root });
  }
  return { receipts, subtrees };
}
