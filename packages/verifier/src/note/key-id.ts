// Names and key ids of signed notes (C2SP signed-note): a key is bound to its name and type by
// the first four bytes of a hash, so the same public key under two names is two keys.

import { sha256 } from '#platform';
import { concatBytes, utf8 } from '../bytes/join-bytes.ts';

/** Type bytes: what the key signs. The id covers them, so one key cannot serve two purposes. */
export const KEY_TYPE = {
  /** The note's text itself: logs' checkpoints, our feed. */
  ed25519: Uint8Array.of(0x01),
  /** `cosignature/v1`: a witness's statement with a time. */
  cosignature: Uint8Array.of(0x04),
  /** A timestamped statement about a checkpoint's tree (ML-DSA-44): logs and witnesses alike. */
  mldsa44: Uint8Array.of(0x06),
  /** Receipts: our own type under the escape 0xff. */
  receipt: concatBytes(Uint8Array.of(0xff), utf8('itlog/receipt/v1')),
} as const;

export type KeyPurpose = keyof typeof KEY_TYPE;

/** Longest key name, because names travel behind one length byte. */
export const MAX_NAME_BYTES = 255;

export const KEY_ID_BYTES = 4;

const LINE_FEED = Uint8Array.of(0x0a);
// Unicode White_Space as in Go's unicode.IsSpace; `\s` lacks U+0085.
const SPACE_OR_PLUS = /[\s\u0085+]/u;

export function isKeyName(name: string): boolean {
  return (
    name !== '' &&
    name.isWellFormed() &&
    !SPACE_OR_PLUS.test(name) &&
    utf8(name).length <= MAX_NAME_BYTES
  );
}

/** First four bytes of SHA-256(name || LF || type || public key). */
export function noteKeyId(name: string, typeBytes: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const bound = concatBytes(utf8(name), LINE_FEED, typeBytes, publicKey);
  return sha256(bound).subarray(0, KEY_ID_BYTES);
}
