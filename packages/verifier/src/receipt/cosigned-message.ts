// What is signed about one subtree of one log (CosignedMessage of draft-ietf-plants-merkle-tree-certs
// §5, C2SP tlog-cosignature): by the log's receipt key with timestamp 0 and the log as its own
// cosigner, and by ML-DSA-44 keys over the subtree [0, size) of a checkpoint.

import { ByteWriter } from '../bytes/byte-writer.ts';
import { utf8 } from '../bytes/join-bytes.ts';
import type { LeafRange } from '../merkle/subtree.ts';

const LABEL = utf8('subtree/v1\n\0');

/**
 * @param cosignerName name of the signing key; equal to `logOrigin` in receipts
 * @param timestampSeconds when the subtree was the largest the cosigner knew; 0 says nothing of it
 * @throws FormatError `number_out_of_range` when a name is over 255 bytes
 */
export function cosignedMessage(
  cosignerName: string,
  logOrigin: string,
  subtree: LeafRange,
  subtreeHash: Uint8Array,
  timestampSeconds = 0,
): Uint8Array<ArrayBuffer> {
  const cosigner = utf8(cosignerName);
  const origin = utf8(logOrigin);
  const size = LABEL.length + 1 + cosigner.length + 8 + 1 + origin.length + 16 + subtreeHash.length;
  return new ByteWriter(size)
    .bytes(LABEL)
    .len8(cosigner)
    .u64(timestampSeconds)
    .len8(origin)
    .u64(subtree.start)
    .u64(subtree.end)
    .bytes(subtreeHash)
    .finish();
}
