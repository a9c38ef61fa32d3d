// Public keys as text, `name+hex(id)+base64(type || key)` (C2SP signed-note "vkey"): what policies
// pin and operators paste.

import { decodeBase64, encodeBase64 } from '../bytes/base64.ts';
import { equalBytes } from '../bytes/compare-bytes.ts';
import { encodeHex } from '../bytes/hex.ts';
import { concatBytes } from '../bytes/join-bytes.ts';
import { FormatError } from '../format-error.ts';
import { MLDSA44_KEY_BYTES } from '../platform/verification-key.ts';
import { isKeyName, KEY_TYPE, type KeyPurpose, noteKeyId } from './key-id.ts';

export interface NoteKey {
  readonly name: string;
  readonly purpose: KeyPurpose;
  /** Four bytes. */
  readonly id: Uint8Array;
  /** 32 bytes of Ed25519, 1,312 of ML-DSA-44. */
  readonly publicKey: Uint8Array;
}

const ED25519_KEY_BYTES = 32;
const PURPOSES = Object.keys(KEY_TYPE) as KeyPurpose[];

/** @throws FormatError `vkey_malformed` for a name that notes cannot carry or a key of wrong size */
export function createNoteKey(name: string, purpose: KeyPurpose, publicKey: Uint8Array): NoteKey {
  if (!isKeyName(name)) {
    throw new FormatError('vkey_malformed', 'A key name has 1 to 255 bytes, no space and no plus.');
  }
  const size = purpose === 'mldsa44' ? MLDSA44_KEY_BYTES : ED25519_KEY_BYTES;
  if (publicKey.length !== size) {
    throw new FormatError('vkey_malformed', `A public key for ${purpose} has ${size} bytes.`);
  }
  return { name, purpose, id: noteKeyId(name, KEY_TYPE[purpose], publicKey), publicKey };
}

/** Parses a vkey. @throws FormatError `vkey_malformed`, also for key types this room cannot verify */
export function parseVerifierKey(text: string): NoteKey {
  // Base64 has plus signs of its own, so only the first two separate.
  const [name = '', hexId = ''] = text.split('+', 2);
  const encoded = text.slice(name.length + hexId.length + 2);
  const typed = encoded === '' ? undefined : decodeBase64(encoded);
  const purpose = typed && PURPOSES.find((candidate) => hasType(typed, KEY_TYPE[candidate]));
  if (typed === undefined || purpose === undefined) {
    throw new FormatError('vkey_malformed', 'The key text is not name+id+base64 of a known type.');
  }
  const key = createNoteKey(name, purpose, typed.slice(KEY_TYPE[purpose].length));
  if (encodeHex(key.id) !== hexId) {
    throw new FormatError('vkey_malformed', 'The id in the key text does not belong to its key.');
  }
  return key;
}

export function formatVerifierKey({ name, purpose, id, publicKey }: NoteKey): string {
  return `${name}+${encodeHex(id)}+${encodeBase64(concatBytes(KEY_TYPE[purpose], publicKey))}`;
}

function hasType(typed: Uint8Array, typeBytes: Uint8Array): boolean {
  return equalBytes(typed.subarray(0, typeBytes.length), typeBytes);
}
