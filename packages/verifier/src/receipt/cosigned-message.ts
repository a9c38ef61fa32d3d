// What the log's receipt key signs: one subtree of one log (CosignedMessage of
// draft-ietf-plants-merkle-tree-certs §5, timestamp 0; the log is its own cosigner).

import { ByteWriter } from '../bytes/byte-writer.ts';
import { utf8 } from '../bytes/join-bytes.ts';
import type { LeafRange } from '../merkle/subtree.ts';

const LABEL = utf8('subtree/v1\n\0');

/**
 * @param cosignerName name of the signing key; equal to `logOrigin` in receipts
 * @throws FormatError `number_out_of_range` when a name is over 255 bytes
 */
export function cosignedMessage(
  cosignerName: string,
  logOrigin: string,
  subtree: LeafRange,
  subtreeHash: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const cosigner = utf8(cosignerName);
  const origin = utf8(logOrigin);
  const size = LABEL.length + 1 + cosigner.length + 8 + 1 + origin.length + 16 + subtreeHash.length;
  return new ByteWriter(size)
    .bytes(LABEL)
    .len8(cosigner)
    .u64(0)
    .len8(origin)
    .u64(subtree.start)
    .u64(subtree.end)
    .bytes(subtreeHash)
    .finish();
}
