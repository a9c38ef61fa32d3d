// A leaf of the log, version 2: one event in the life of an issuer's key. A key set is only as good
// as whoever can write to it; a key whose publication stands in the log cannot be slipped in unseen.

import { sha256 } from '#platform';
import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { utf8 } from '../bytes/join-bytes.ts';
import { FormatError } from '../format-error.ts';
import { ANCHOR_VERSION, type AnchorLeaf, decodeAnchorLeaf } from './anchor-entry.ts';
import { decodeLeafEntry, type LeafEntry } from './leaf-entry.ts';

export type KeyEvent = 'published' | 'activated' | 'retired' | 'revoked';

export interface KeyEntry {
  readonly event: KeyEvent;
  /** When it happened, in milliseconds since the Unix epoch; the receipt repeats it. */
  readonly atMs: number;
  /** `exp` of the key in its JWKS, in seconds. */
  readonly notAfterSeconds: number;
  /** 32 bytes from `hashIssuer`. */
  readonly issuerHash: Uint8Array;
  /** 32 bytes: SHA-256 thumbprint of the public key (RFC 7638). */
  readonly thumbprint: Uint8Array;
  /** 1 to 128 bytes of UTF-8. */
  readonly kid: string;
}

/** What one entry of the log tells of. */
export type LogEntry =
  | ({ readonly kind: 'token' } & LeafEntry)
  | ({ readonly kind: 'key' } & KeyEntry)
  | ({ readonly kind: 'anchor' } & AnchorLeaf);

const KEY_ENTRY_VERSION = 2;
const FIXED_BYTES = 77;
const LONGEST_KID_BYTES = 128;

const EVENT_NUMBERS: Record<KeyEvent, number> = {
  published: 1,
  activated: 2,
  retired: 3,
  revoked: 4,
};
const EVENTS: Record<number, KeyEvent> = {
  1: 'published',
  2: 'activated',
  3: 'retired',
  4: 'revoked',
};
// Without `ignoreBOM` a leading U+FEFF would be swallowed, and two kids would read as one.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** SHA-256 of the issuer's URL: a log tells nobody whose keys it holds who does not know already. */
export function hashIssuer(issuer: string): Uint8Array<ArrayBuffer> {
  return sha256(utf8(issuer));
}

/** @throws FormatError `leaf_malformed`, `number_out_of_range` */
export function encodeKeyEntry(entry: KeyEntry): Uint8Array<ArrayBuffer> {
  if (!entry.kid.isWellFormed()) throw malformed('has a kid that is not Unicode');
  const kid = utf8(entry.kid);
  checkKid(kid.length);
  if (entry.issuerHash.length !== 32) throw malformed('has an issuer hash that is not 32 bytes');
  if (entry.thumbprint.length !== 32) throw malformed('has a thumbprint that is not 32 bytes');
  return new ByteWriter(FIXED_BYTES + kid.length)
    .u8(KEY_ENTRY_VERSION)
    .u8(EVENT_NUMBERS[entry.event])
    .u48(entry.atMs)
    .u32(entry.notAfterSeconds)
    .bytes(entry.issuerHash)
    .bytes(entry.thumbprint)
    .len8(kid)
    .finish();
}

/** @throws FormatError `leaf_malformed` */
export function decodeKeyEntry(bytes: Uint8Array): KeyEntry {
  if (bytes.length <= FIXED_BYTES || bytes.length > FIXED_BYTES + LONGEST_KID_BYTES) {
    throw malformed('has fewer than 78 or more than 205 bytes');
  }
  const reader = new ByteReader(bytes);
  if (reader.u8() !== KEY_ENTRY_VERSION) throw malformed('is of an unknown version');
  const event = EVENTS[reader.u8()];
  if (event === undefined) throw malformed('tells of an unknown event');
  const atMs = reader.u48();
  const notAfterSeconds = reader.u32();
  const issuerHash = Uint8Array.from(reader.bytes(32));
  const thumbprint = Uint8Array.from(reader.bytes(32));
  if (reader.u8() !== reader.remaining) throw malformed('has a kid of another length than it says');
  const kid = readKid(reader.bytes(reader.remaining));
  return { event, atMs, notAfterSeconds, issuerHash, thumbprint, kid };
}

/** Reads an entry of any version. @throws FormatError `leaf_malformed` */
export function decodeLogEntry(bytes: Uint8Array): LogEntry {
  if (bytes[0] === ANCHOR_VERSION) return { kind: 'anchor', ...decodeAnchorLeaf(bytes) };
  return bytes[0] === KEY_ENTRY_VERSION
    ? { kind: 'key', ...decodeKeyEntry(bytes) }
    : { kind: 'token', ...decodeLeafEntry(bytes) };
}

function readKid(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw malformed('has a kid that is not UTF-8');
  }
}

function checkKid(bytes: number): void {
  if (bytes === 0 || bytes > LONGEST_KID_BYTES) {
    throw malformed('has a kid that is empty or over 128 bytes');
  }
}

function malformed(what: string): FormatError {
  return new FormatError('leaf_malformed', `The key entry ${what}.`);
}
