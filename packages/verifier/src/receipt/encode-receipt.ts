// The receipt, versions 1 and 2 (2 carries the leaf's tags): what travels in the protected header
// member `itr`. Binary and exact: every byte is looked at and nothing may be left over.

import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { FormatError } from '../format-error.ts';
import type { LeafRange } from '../merkle/subtree.ts';
import { KEY_ID_BYTES } from '../note/key-id.ts';
import { type LeafTags, readTags, TAGS_BYTES, writeTags } from './leaf-entry.ts';

export interface Receipt {
  /** Four bytes: id of the log's receipt key. */
  readonly keyId: Uint8Array;
  readonly index: number;
  /** Milliseconds since the Unix epoch, as in the leaf. */
  readonly issuedMs: number;
  readonly tags: LeafTags | undefined;
  /** The signed subtree holds 2^log2Span leaves; 0 to 12. */
  readonly log2Span: number;
  /** log2Span hashes of 32 bytes, leaf to root. */
  readonly proof: readonly Uint8Array[];
  /** 64 bytes of Ed25519 over the cosigned message. */
  readonly signature: Uint8Array;
}

export const MAX_LOG2_SPAN = 12;
/** Longest receipt: tags and 12 hashes. */
export const MAX_RECEIPT_BYTES = 83 + TAGS_BYTES + MAX_LOG2_SPAN * 32;

const PLAIN = 1;
const TAGGED = 2;
const FIXED_BYTES = 83;

/** The signed subtree: aligned, of 2^log2Span leaves, around the index. */
export function receiptSubtree({
  index,
  log2Span,
}: Pick<Receipt, 'index' | 'log2Span'>): LeafRange {
  const span = 2 ** log2Span;
  const start = index - (index % span);
  return { start, end: start + span };
}

/** @throws FormatError `receipt_malformed`, `number_out_of_range` */
export function encodeReceipt(receipt: Receipt): Uint8Array<ArrayBuffer> {
  const { tags, proof } = receipt;
  if (receipt.keyId.length !== KEY_ID_BYTES) throw malformed('has a key id of a wrong size');
  checkShape(receipt.log2Span, proof.length);
  if (proof.some((hash) => hash.length !== 32)) throw malformed('has a hash of a wrong size');
  if (receipt.signature.length !== 64) throw malformed('has a signature of a wrong size');
  const size = FIXED_BYTES + (tags === undefined ? 0 : TAGS_BYTES) + proof.length * 32;
  const writer = new ByteWriter(size)
    .u8(tags === undefined ? PLAIN : TAGGED)
    .bytes(receipt.keyId)
    .u48(receipt.index)
    .u48(receipt.issuedMs);
  if (tags !== undefined) writeTags(writer, tags);
  writer.u8(receipt.log2Span).u8(proof.length);
  for (const hash of proof) writer.bytes(hash);
  return writer.bytes(receipt.signature).finish();
}

/** @throws FormatError `receipt_malformed` */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  if (bytes.length > MAX_RECEIPT_BYTES) throw malformed('is too long');
  try {
    return readReceipt(new ByteReader(bytes));
  } catch (cause) {
    if (cause instanceof FormatError && cause.code === 'receipt_malformed') throw cause;
    throw new FormatError('receipt_malformed', 'The receipt is cut short or too long.', cause);
  }
}

function readReceipt(reader: ByteReader): Receipt {
  const version = reader.u8();
  if (version !== PLAIN && version !== TAGGED) throw malformed('is of an unknown version');
  const keyId = reader.bytes(KEY_ID_BYTES);
  const index = reader.u48();
  const issuedMs = reader.u48();
  const tags = version === TAGGED ? readTags(reader) : undefined;
  const log2Span = reader.u8();
  const count = reader.u8();
  checkShape(log2Span, count);
  const proof = Array.from({ length: count }, () => reader.bytes(32));
  const signature = reader.bytes(64);
  reader.end();
  return { keyId, index, issuedMs, tags, log2Span, proof, signature };
}

function checkShape(log2Span: number, proofLength: number): void {
  if (!Number.isInteger(log2Span) || log2Span < 0 || log2Span > MAX_LOG2_SPAN) {
    throw malformed('covers more leaves than allowed');
  }
  if (proofLength !== log2Span) throw malformed('has a proof that does not fit its subtree');
}

function malformed(what: string): FormatError {
  return new FormatError('receipt_malformed', `The receipt ${what}.`);
}
