// All receipts of one signed subtree at once, as a log under load makes them. Each is its left
// neighbour with another head and, on average, two other hashes; so most of it is copied, not built.

import { FormatError } from '../format-error.ts';
import { HASH_BYTES } from '../merkle/hash-node.ts';
import { KEY_ID_BYTES } from '../note/key-id.ts';
import { MAX_LOG2_SPAN } from './encode-receipt.ts';
import { isTagged } from './entry-time.ts';
import { LEAF_BYTES, TAGS_BYTES } from './leaf-entry.ts';

export interface SignedSubtree {
  /** Four bytes: id of the log's receipt key. */
  keyId: Uint8Array;
  /** Index of the first entry, a multiple of their number. */
  firstIndex: number;
  /** A power of two of well-formed entries (`entryTimeMs` took them). */
  entries: readonly Uint8Array[];
  /** Every hash of the subtree, level by level: the leaves, their parents, …, the root. */
  nodes: Uint8Array;
  /** 64 bytes of Ed25519 over the cosigned message. */
  signature: Uint8Array;
}

const PLAIN = 1;
const TAGGED = 2;
const INDEX_OFFSET = 1 + KEY_ID_BYTES;
const TIME_OFFSET = INDEX_OFFSET + 6;
const HEAD_BYTES = TIME_OFFSET + 6;
const SIGNATURE_BYTES = 64;

/**
 * What `encodeReceipt` would make of each entry, in order; views of one buffer.
 * @throws FormatError `receipt_malformed` when the parts do not fit each other
 */
export function encodeSubtreeReceipts(subtree: SignedSubtree): Uint8Array[] {
  const { keyId, firstIndex, entries, nodes, signature } = subtree;
  const log2Span = checkParts(subtree);
  const tailBytes = 2 + log2Span * HASH_BYTES + SIGNATURE_BYTES;
  let size = 0;
  for (const entry of entries) size += headBytes(entry) + tailBytes;
  const all = new Uint8Array(size);
  const receipts: Uint8Array[] = [];
  let start = 0;
  let tailBefore = 0;
  entries.forEach((entry, position) => {
    const tail = start + headBytes(entry);
    all[start] = isTagged(entry) ? TAGGED : PLAIN;
    all.set(keyId, start + 1);
    writeU48(all, start + INDEX_OFFSET, firstIndex + position);
    copyBytes(entry, 2, all, start + TIME_OFFSET, 6);
    if (isTagged(entry)) copyBytes(entry, LEAF_BYTES, all, start + HEAD_BYTES, TAGS_BYTES);
    if (position === 0) {
      all.fill(log2Span, tail, tail + 2);
      all.set(signature, tail + tailBytes - SIGNATURE_BYTES);
    } else {
      all.copyWithin(tail, tailBefore, tailBefore + tailBytes);
    }
    writeChangedSiblings(nodes, entries.length, position, all, tail + 2);
    receipts.push(all.subarray(start, tail + tailBytes));
    tailBefore = tail;
    start = tail + tailBytes;
  });
  return receipts;
}

/** The siblings on the path of `position` that are not also on its left neighbour's. */
function writeChangedSiblings(
  nodes: Uint8Array,
  span: number,
  position: number,
  target: Uint8Array,
  offset: number,
): void {
  let levelStart = 0;
  for (let level = 0; span >> level > 1; level += 1) {
    const sibling = (position >> level) ^ 1;
    const from = (levelStart + sibling) * HASH_BYTES;
    copyBytes(nodes, from, target, offset + level * HASH_BYTES, HASH_BYTES);
    // Above a right child, both neighbours have the same ancestors.
    if (((position >> level) & 1) === 1) return;
    levelStart += span >> level;
  }
}

/** @returns binary logarithm of the number of entries */
function checkParts({ keyId, firstIndex, entries, nodes, signature }: SignedSubtree): number {
  const span = entries.length;
  const log2Span = Math.log2(span);
  if (!Number.isInteger(log2Span) || log2Span > MAX_LOG2_SPAN || firstIndex % span !== 0) {
    throw malformed('are not of an aligned subtree');
  }
  if (firstIndex + span > 2 ** 48) throw malformed('have an index that does not fit');
  if (nodes.length !== (2 * span - 1) * HASH_BYTES) throw malformed('have hashes too few or many');
  if (keyId.length !== KEY_ID_BYTES || signature.length !== SIGNATURE_BYTES) {
    throw malformed('have a key id or signature of a wrong size');
  }
  return log2Span;
}

function headBytes(entry: Uint8Array): number {
  return HEAD_BYTES + (isTagged(entry) ? TAGS_BYTES : 0);
}

/** A loop, because a view for each of these few bytes would cost more than they do. */
function copyBytes(
  source: Uint8Array,
  from: number,
  target: Uint8Array,
  offset: number,
  count: number,
): void {
  for (let at = 0; at < count; at += 1) target[offset + at] = source[from + at] as number;
}

function writeU48(target: Uint8Array, offset: number, value: number): void {
  let rest = value;
  for (let at = offset + 5; at >= offset; at -= 1) {
    target[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

function malformed(what: string): FormatError {
  return new FormatError('receipt_malformed', `The receipts ${what}.`);
}
