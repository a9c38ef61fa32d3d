// What the notary is asked over its pipe: one byte of op, then a body of big-endian fields. The
// answers are laid out beside the questions.

import { ByteReader, ByteWriter, utf8 } from '@countersign/verifier';
import { refusal } from '../transparency-error.ts';

export const NOTARY_OP = {
  /** entry → receipt */
  append: 1,
  /** byte strings (entries) → byte strings (receipts) */
  appendMany: 2,
  /** nothing → JSON of NotaryKeys */
  keys: 3,
  /** nothing → u48 durable size | u48 published size */
  size: 4,
  /** u48 from index | u16 limit → u48 durable size | byte strings (entries) */
  readEntries: 5,
  /** JSON line → signed note */
  signFeed: 6,
  /** nothing → JSON of LogStatus */
  status: 7,
  /** u48 sequence known → u48 sequence | the checkpoint signed last, or nothing when it is known */
  nextHead: 8,
  /** u48 sequence | signature lines → nothing; they are shown if the checkpoint is still the last */
  showCosigned: 9,
  /** a checkpoint that a witness holds → nothing, or the log stops: `rollback`, `log_forked` */
  checkWitnessed: 10,
} as const;

/** Most entries in one `appendMany`, and most handed out by one `readEntries`. */
export const MAX_STRINGS = 4096;

/** u16 count, then each string behind its length in two bytes. */
export function encodeStrings(strings: readonly Uint8Array[]): Uint8Array {
  const bytes = strings.reduce((sum, { length }) => sum + 2 + length, 2);
  const writer = new ByteWriter(bytes).u16(strings.length);
  for (const string of strings) writer.u16(string.length).bytes(string);
  return writer.finish();
}

/** Copies, so that one kept string does not keep its frame. @throws FormatError `bytes_malformed` */
export function decodeStrings(bytes: Uint8Array): Uint8Array[] {
  const reader = new ByteReader(bytes);
  const strings = Array.from({ length: reader.u16() }, () => reader.bytes(reader.u16()).slice());
  reader.end();
  return strings;
}

export interface LogSizes {
  /** Entries that no crash can lose. */
  durableSize: number;
  /** Entries below the public checkpoint. */
  publishedSize: number;
}

export function encodeSizes({ durableSize, publishedSize }: LogSizes): Uint8Array {
  return new ByteWriter(12).u48(durableSize).u48(publishedSize).finish();
}

/** @throws FormatError `bytes_malformed` */
export function decodeSizes(bytes: Uint8Array): LogSizes {
  const reader = new ByteReader(bytes);
  const sizes = { durableSize: reader.u48(), publishedSize: reader.u48() };
  reader.end();
  return sizes;
}

export interface EntryRange {
  fromIndex: number;
  limit: number;
}

export function encodeRange({ fromIndex, limit }: EntryRange): Uint8Array {
  return new ByteWriter(8).u48(fromIndex).u16(limit).finish();
}

/** @throws FormatError `bytes_malformed` */
export function decodeRange(bytes: Uint8Array): EntryRange {
  const reader = new ByteReader(bytes);
  const range = { fromIndex: reader.u48(), limit: reader.u16() };
  reader.end();
  return range;
}

export interface EntryPage {
  entries: Uint8Array[];
  durableSize: number;
}

export function encodePage({ entries, durableSize }: EntryPage): Uint8Array {
  const strings = encodeStrings(entries);
  return new ByteWriter(6 + strings.length).u48(durableSize).bytes(strings).finish();
}

/** @throws FormatError `bytes_malformed` */
export function decodePage(bytes: Uint8Array): EntryPage {
  const durableSize = new ByteReader(bytes).u48();
  return { entries: decodeStrings(bytes.subarray(6)), durableSize };
}

/** Some text about the head of a sequence: its checkpoint, or cosignatures for it. */
export interface HeadText {
  sequence: number;
  text: string;
}

export function encodeHeadText({ sequence, text }: HeadText): Uint8Array {
  const bytes = utf8(text);
  return new ByteWriter(6 + bytes.length).u48(sequence).bytes(bytes).finish();
}

/** @throws FormatError `bytes_malformed`; CodedError `request_malformed` when it is not UTF-8 */
export function decodeHeadText(body: Uint8Array): HeadText {
  const reader = new ByteReader(body.subarray(0, 6));
  return { sequence: reader.u48(), text: decodeNoteText(body.subarray(6)) };
}

/** @throws CodedError `request_malformed` */
export function decodeNoteText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw refusal('request_malformed', 'A note is UTF-8 text.', { cause });
  }
}
