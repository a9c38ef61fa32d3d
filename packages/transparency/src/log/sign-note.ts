// Signs the two kinds of note a log makes: its checkpoints, and the verifier feed under the feed's
// own key. Both are C2SP signed notes with one Ed25519 signature.

import { sign } from 'node:crypto';
import { formatCheckpoint, formatNote, utf8 } from '@countersign/verifier';
import type { LogKey } from '../identity/log-key-file.ts';
import { refusal } from '../transparency-error.ts';

export const FEED_HEADING = 'countersign/feed/v1';
/** Longest line of JSON that a feed may hold. */
export const MAX_FEED_BYTES = 3 * 1024 * 1024;

export function signCheckpoint(
  key: LogKey,
  origin: string,
  size: number,
  root: Uint8Array,
): string {
  return signNote(key, formatCheckpoint({ origin, size, root, extensions: [] }));
}

/**
 * The feed around one line of JSON. The first two lines are written here, so that whatever the
 * caller sends, the feed key signs nothing but feeds of this log.
 * @throws CodedError `feed_malformed`
 */
export function signFeed(key: LogKey, origin: string, json: string): string {
  if (json.length > MAX_FEED_BYTES || !isObjectOnOneLine(json)) {
    throw refusal('feed_malformed', 'A feed is one JSON object on one line, at most 3 MiB.');
  }
  return signNote(key, `${FEED_HEADING}\n${origin}\n${json}\n`);
}

function signNote(key: LogKey, text: string): string {
  const blob = sign(null, utf8(text), key.privateKey);
  return formatNote({ text, signatures: [{ name: key.note.name, id: key.note.id, blob }] });
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
