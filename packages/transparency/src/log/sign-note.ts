// Signs the two kinds of note a log makes: its checkpoints, by Ed25519 and, where the log has the
// key, by ML-DSA-44 beside it (C2SP tlog-checkpoint, tlog-cosignature); and the verifier feed under
// the feed's own key.

import { sign } from 'node:crypto';
import {
  ByteWriter,
  cosignedMessage,
  formatCheckpoint,
  formatNote,
  type NoteSignature,
  utf8,
} from '@countersign/verifier';
import type { LogKeys } from '../identity/log-identity.ts';
import type { LogKey } from '../identity/log-key-file.ts';
import { refusal } from '../transparency-error.ts';

export const FEED_HEADING = 'countersign/feed/v1';
/** Longest line of JSON that a feed may hold. */
export const MAX_FEED_BYTES = 3 * 1024 * 1024;

/** A checkpoint costs one signature by each key, about 0.5 ms; entries cost none. */
export function signCheckpoint(
  keys: Pick<LogKeys, 'checkpoint' | 'checkpointMlDsa44'>,
  origin: string,
  size: number,
  root: Uint8Array,
): string {
  const text = formatCheckpoint({ origin, size, root, extensions: [] });
  const { checkpoint, checkpointMlDsa44: other } = keys;
  const signatures = [signText(checkpoint, text)];
  if (other !== undefined) signatures.push(signTree(other, origin, size, root));
  return formatNote({ text, signatures });
}

/**
 * The feed around one line of JSON. The first two lines are written here, so that whatever the
 * caller sends, the feed key signs nothing but feeds of this log.
 * @throws CodedError `feed_malformed`
 */
export function signFeed(key: LogKey, origin: string, json: string): string {
  if (Buffer.byteLength(json) > MAX_FEED_BYTES || !isObjectOnOneLine(json)) {
    throw refusal('feed_malformed', 'A feed is one JSON object on one line, at most 3 MiB.');
  }
  const text = `${FEED_HEADING}\n${origin}\n${json}\n`;
  return formatNote({ text, signatures: [signText(key, text)] });
}

function signText({ note, privateKey }: LogKey, text: string): NoteSignature {
  return { name: note.name, id: note.id, blob: sign(null, utf8(text), privateKey) };
}

/** Timestamp 0: the log says what its tree is, and leaves it to witnesses to say as of when. */
function signTree(
  { note, privateKey }: LogKey,
  origin: string,
  size: number,
  root: Uint8Array,
): NoteSignature {
  const message = cosignedMessage(note.name, origin, { start: 0, end: size }, root);
  const signature = sign(null, message, privateKey);
  const blob = new ByteWriter(8 + signature.length).u64(0).bytes(signature).finish();
  return { name: note.name, id: note.id, blob };
}

function isObjectOnOneLine(json: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (/[\u0000-\u001f\u007f]/.test(json) || !json.isWellFormed()) return false;
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
