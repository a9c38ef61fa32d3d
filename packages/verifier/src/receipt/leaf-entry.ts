// A leaf of the log, version 1: 44 bytes about one token, 69 with tags. Whoever holds the token and
// its receipt can rebuild it; whoever holds only the leaf learns neither subject nor audience.

import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { FormatError } from '../format-error.ts';

export interface LeafTags {
  /** HMAC(tenant's key of the day, sub), cut to 16 bytes. */
  readonly user: Uint8Array;
  /** 8 bytes that name the issuing instance. */
  readonly instance: Uint8Array;
}

export type LeafType = 'access' | 'id' | 'other';

export interface LeafEntry {
  readonly type: LeafType;
  /** Milliseconds since the Unix epoch. */
  readonly issuedMs: number;
  /** `exp` of the token, in seconds. */
  readonly expiresAtSeconds: number;
  /** 32 bytes from `commitToken`. */
  readonly commitment: Uint8Array;
  readonly tags?: LeafTags | undefined;
}

export const LEAF_VERSION = 1;
export const LEAF_BYTES = 44;
export const USER_TAG_BYTES = 16;
export const INSTANCE_TAG_BYTES = 8;
export const TAGS_BYTES = 1 + USER_TAG_BYTES + INSTANCE_TAG_BYTES;
export const TAGS_PRESENT = 1;

const TYPE_NUMBERS: Record<LeafType, number> = { access: 1, id: 2, other: 3 };
const TYPES: Record<number, LeafType> = { 1: 'access', 2: 'id', 3: 'other' };

/** The leaf type of a token's `typ`: `at+jwt` access, `JWT` id, anything else other. */
export function leafTypeOf(typ: string): LeafType {
  if (typ === 'at+jwt') return 'access';
  return typ === 'JWT' ? 'id' : 'other';
}

/** @throws FormatError `leaf_malformed`, `number_out_of_range` */
export function encodeLeafEntry(entry: LeafEntry): Uint8Array<ArrayBuffer> {
  const { tags, commitment } = entry;
  if (commitment.length !== 32) throw malformed('has a commitment that is not 32 bytes');
  const writer = new ByteWriter(LEAF_BYTES + (tags === undefined ? 0 : TAGS_BYTES))
    .u8(LEAF_VERSION)
    .u8(TYPE_NUMBERS[entry.type])
    .u48(entry.issuedMs)
    .u32(entry.expiresAtSeconds)
    .bytes(commitment);
  if (tags !== undefined) writeTags(writer, tags);
  return writer.finish();
}

/** @throws FormatError `leaf_malformed` */
export function decodeLeafEntry(bytes: Uint8Array): LeafEntry {
  if (bytes.length !== LEAF_BYTES && bytes.length !== LEAF_BYTES + TAGS_BYTES) {
    throw malformed('has neither 44 nor 69 bytes');
  }
  const reader = new ByteReader(bytes);
  if (reader.u8() !== LEAF_VERSION) throw malformed('is of an unknown version');
  const type = TYPES[reader.u8()];
  if (type === undefined) throw malformed('is of an unknown type');
  const issuedMs = reader.u48();
  const expiresAtSeconds = reader.u32();
  const commitment = Uint8Array.from(reader.bytes(32));
  const tags = reader.remaining > 0 ? readTags(reader) : undefined;
  return { type, issuedMs, expiresAtSeconds, commitment, tags };
}

/** Flags, user tag, instance tag: the same 25 bytes in leaf and receipt. */
export function writeTags(writer: ByteWriter, tags: LeafTags): void {
  if (tags.user.length !== USER_TAG_BYTES || tags.instance.length !== INSTANCE_TAG_BYTES) {
    throw malformed('has tags of a wrong size');
  }
  writer.u8(TAGS_PRESENT).bytes(tags.user).bytes(tags.instance);
}

export function readTags(reader: ByteReader): LeafTags {
  if (reader.u8() !== TAGS_PRESENT) throw malformed('has unknown flags');
  return {
    user: Uint8Array.from(reader.bytes(USER_TAG_BYTES)),
    instance: Uint8Array.from(reader.bytes(INSTANCE_TAG_BYTES)),
  };
}

function malformed(what: string): FormatError {
  return new FormatError('leaf_malformed', `The leaf entry ${what}.`);
}
