// Signed notes as bytes (C2SP signed-note): a text that ends in a newline, an empty line, then
// signature lines `— name base64(id || signature)`. Strict, because what is signed is the text.

import { decodeBase64, encodeBase64 } from '../bytes/base64.ts';
import { concatBytes } from '../bytes/join-bytes.ts';
import { FormatError } from '../format-error.ts';
import { isKeyName, KEY_ID_BYTES } from './key-id.ts';

export interface NoteSignature {
  readonly name: string;
  /** Four bytes. */
  readonly id: Uint8Array;
  /** What follows the id; its shape depends on the key's type. */
  readonly blob: Uint8Array;
}

export interface SignedNote {
  /** The signed text, with its final newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Notes longer than this many UTF-16 units are refused by default. */
export const MAX_NOTE_LENGTH = 1_000_000;
/** More signature lines than this are refused (the standard asks for at least 16). */
export const MAX_NOTE_SIGNATURES = 100;

// ASCII control characters but the newline, and U+FFFD-producing lone surrogates, are no text.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f]/;
const SIGNATURE_PREFIX = '— ';

/**
 * Splits a note at its last empty line. Nothing is verified yet.
 * @param maxLength UTF-16 units, default 1,000,000
 * @throws FormatError `note_malformed`
 */
export function parseNote(note: string | Uint8Array, maxLength = MAX_NOTE_LENGTH): SignedNote {
  if (note.length > maxLength) throw malformed('is longer than allowed');
  const whole = typeof note === 'string' ? note : decodeUtf8(note);
  if (CONTROL.test(whole) || !whole.isWellFormed()) {
    throw malformed('holds characters that notes may not hold');
  }
  const split = whole.lastIndexOf('\n\n');
  if (split < 0 || !whole.endsWith('\n')) throw malformed('has no signature lines');
  const lines = whole.slice(split + 2, -1).split('\n');
  if (lines.length > MAX_NOTE_SIGNATURES) throw malformed('has too many signatures');
  return { text: whole.slice(0, split + 1), signatures: lines.map(parseSignatureLine) };
}

export function formatNote({ text, signatures }: SignedNote): string {
  if (!text.endsWith('\n')) throw malformed('must end in a newline before it is signed');
  const note = `${text}\n${signatures.map(formatSignatureLine).join('')}`;
  parseNote(note, note.length);
  return note;
}

function formatSignatureLine({ name, id, blob }: NoteSignature): string {
  return `${SIGNATURE_PREFIX}${name} ${encodeBase64(concatBytes(id, blob))}\n`;
}

function parseSignatureLine(line: string): NoteSignature {
  const [name = '', encoded = '', ...rest] = line.slice(SIGNATURE_PREFIX.length).split(' ');
  const bytes = decodeBase64(encoded);
  if (!line.startsWith(SIGNATURE_PREFIX) || rest.length > 0 || !isKeyName(name)) {
    throw malformed('has a line after its text that is no signature');
  }
  if (bytes === undefined || bytes.length <= KEY_ID_BYTES) {
    throw malformed('has a signature that is not canonical base64');
  }
  return { name, id: bytes.slice(0, KEY_ID_BYTES), blob: bytes.slice(KEY_ID_BYTES) };
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new FormatError('note_malformed', 'The note is not UTF-8.', cause);
  }
}

function malformed(what: string): FormatError {
  return new FormatError('note_malformed', `The note ${what}.`);
}
