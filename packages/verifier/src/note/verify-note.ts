// Verifies a note against known keys (C2SP signed-note, tlog-cosignature). Signatures by unknown
// keys are ignored, whatever they hold; a bad one by a known key condemns the whole note. ML-DSA-44
// on a platform that does not have it is as good as a signature by an unknown key.

import { encodeBase64url, importPublicJwk, verifyMlDsa44, verifySignature } from '#platform';
import { ByteReader } from '../bytes/byte-reader.ts';
import { equalBytes } from '../bytes/compare-bytes.ts';
import { utf8 } from '../bytes/join-bytes.ts';
import { FormatError } from '../format-error.ts';
import {
  ED25519_SIGNATURE_BYTES,
  MLDSA44_SIGNATURE_BYTES,
  type VerificationKey,
} from '../platform/verification-key.ts';
import { cosignedMessage } from '../receipt/cosigned-message.ts';
import { parseCheckpoint } from './checkpoint.ts';
import type { KeyPurpose } from './key-id.ts';
import { type NoteSignature, parseNote, type SignedNote } from './parse-note.ts';
import type { NoteKey } from './verifier-key.ts';

export interface VerifiedSignature {
  readonly key: NoteKey;
  /**
   * As of when, in seconds since the epoch: for cosignatures (0x04), and for ML-DSA-44 (0x06) unless
   * its timestamp is 0, which says that no time is stated.
   */
  readonly timeSeconds: number | undefined;
}

export interface VerifiedNote {
  readonly text: string;
  /** At least one, each key once. */
  readonly verified: readonly VerifiedSignature[];
}

const TIME_BYTES = 8;
/** Bytes after the key id, by what the key signs. */
const BLOB_BYTES: Record<KeyPurpose, number | undefined> = {
  ed25519: ED25519_SIGNATURE_BYTES,
  cosignature: TIME_BYTES + ED25519_SIGNATURE_BYTES,
  mldsa44: TIME_BYTES + MLDSA44_SIGNATURE_BYTES,
  // Receipts are no notes.
  receipt: undefined,
};

/**
 * The text of a note that at least one of `keys` signed.
 * @throws FormatError `note_malformed`, `note_signature_invalid`, `note_unsigned`
 */
export async function verifyNote(
  note: string | Uint8Array | SignedNote,
  keys: readonly NoteKey[],
): Promise<VerifiedNote> {
  const { text, signatures } =
    typeof note === 'string' || note instanceof Uint8Array ? parseNote(note) : note;
  const verified: VerifiedSignature[] = [];
  for (const signature of signatures) {
    const key = keys.find((known) => isBy(signature, known));
    if (key === undefined || key.purpose === 'receipt') continue;
    const good = await verifyOne(text, signature, key);
    if (good !== undefined && !verified.some((earlier) => earlier.key === key)) verified.push(good);
  }
  if (verified.length === 0) {
    throw new FormatError('note_unsigned', 'The note is not signed by any key known here.');
  }
  return { text, verified };
}

/** What a witness signs: the time and the checkpoint's text (C2SP tlog-cosignature). */
export function cosignatureMessage(timeSeconds: number, text: string): Uint8Array {
  return utf8(`cosignature/v1\ntime ${timeSeconds}\n${text}`);
}

/** The imported form of an Ed25519 note key. */
export function importNoteKey(key: NoteKey): VerificationKey | Promise<VerificationKey> {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: encodeBase64url(key.publicKey) };
  return importPublicJwk(jwk, 'EdDSA');
}

function isBy(signature: NoteSignature, key: NoteKey): boolean {
  return signature.name === key.name && equalBytes(signature.id, key.id);
}

/** Undefined when this platform cannot tell, so that the signature counts for nothing. */
async function verifyOne(
  text: string,
  { blob }: NoteSignature,
  key: NoteKey,
): Promise<VerifiedSignature | undefined> {
  if (blob.length !== BLOB_BYTES[key.purpose]) throw invalid(key);
  if (key.purpose === 'ed25519') {
    if (!(await verifyEd25519(key, utf8(text), blob))) throw invalid(key);
    return { key, timeSeconds: undefined };
  }
  const timeSeconds = readTime(blob, key);
  const signature = blob.subarray(TIME_BYTES);
  if (key.purpose === 'cosignature') {
    if (!(await verifyEd25519(key, cosignatureMessage(timeSeconds, text), signature))) {
      throw invalid(key);
    }
    return { key, timeSeconds };
  }
  const message = treeMessage(text, timeSeconds, key);
  const good = await verifyMlDsa44(key.publicKey, message, signature);
  if (good === undefined) return undefined;
  if (!good) throw invalid(key);
  return { key, timeSeconds: timeSeconds === 0 ? undefined : timeSeconds };
}

async function verifyEd25519(
  key: NoteKey,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  return verifySignature(await importNoteKey(key), message, signature);
}

function readTime(blob: Uint8Array, key: NoteKey): number {
  try {
    return new ByteReader(blob.subarray(0, TIME_BYTES)).u64();
  } catch (cause) {
    throw invalid(key, cause);
  }
}

/** What an ML-DSA-44 key signs of a checkpoint: its tree, and nothing of its extension lines. */
function treeMessage(text: string, timeSeconds: number, key: NoteKey): Uint8Array {
  try {
    const { origin, size, root } = parseCheckpoint(text);
    return cosignedMessage(key.name, origin, { start: 0, end: size }, root, timeSeconds);
  } catch (cause) {
    // Only checkpoints can be signed so: over any other text the signature cannot be good.
    throw invalid(key, cause);
  }
}

function invalid(key: NoteKey, cause?: unknown): FormatError {
  const message = `The signature by ${key.name} is not good.`;
  return new FormatError('note_signature_invalid', message, cause);
}
