// Verifies a note against known keys (C2SP signed-note, tlog-cosignature). Signatures by unknown
// keys are ignored, whatever they hold; a bad one by a known key condemns the whole note.

import { encodeBase64url, importPublicJwk, verifySignature } from '#platform';
import { ByteReader } from '../bytes/byte-reader.ts';
import { equalBytes } from '../bytes/compare-bytes.ts';
import { utf8 } from '../bytes/join-bytes.ts';
import { FormatError } from '../format-error.ts';
import type { VerificationKey } from '../platform/verification-key.ts';
import { type NoteSignature, parseNote, type SignedNote } from './parse-note.ts';
import type { NoteKey } from './verifier-key.ts';

export interface VerifiedSignature {
  readonly key: NoteKey;
  /** Seconds, for cosignatures only. */
  readonly timeSeconds: number | undefined;
}

export interface VerifiedNote {
  readonly text: string;
  /** At least one, each key once. */
  readonly verified: readonly VerifiedSignature[];
}

const COSIGNATURE_BYTES = 8 + 64;

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
    if (!verified.some((earlier) => earlier.key === key)) verified.push(good);
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

/** The imported form of a note key. */
export function importNoteKey(key: NoteKey): VerificationKey | Promise<VerificationKey> {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: encodeBase64url(key.publicKey) };
  return importPublicJwk(jwk, 'EdDSA');
}

function isBy(signature: NoteSignature, key: NoteKey): boolean {
  return signature.name === key.name && equalBytes(signature.id, key.id);
}

async function verifyOne(
  text: string,
  { blob }: NoteSignature,
  key: NoteKey,
): Promise<VerifiedSignature> {
  const isCosignature = key.purpose === 'cosignature';
  if (blob.length !== (isCosignature ? COSIGNATURE_BYTES : 64)) throw invalid(key);
  const timeSeconds = isCosignature ? new ByteReader(blob.subarray(0, 8)).u64() : undefined;
  const message = timeSeconds === undefined ? utf8(text) : cosignatureMessage(timeSeconds, text);
  const signature = isCosignature ? blob.subarray(8) : blob;
  if (!(await verifySignature(await importNoteKey(key), message, signature))) throw invalid(key);
  return { key, timeSeconds };
}

function invalid(key: NoteKey): FormatError {
  return new FormatError('note_signature_invalid', `The signature by ${key.name} is not good.`);
}
