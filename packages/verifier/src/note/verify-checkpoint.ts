// Verified checkpoints (C2SP tlog-checkpoint): of exactly one log, by its key and its origin line.

import { FormatError } from '../format-error.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import type { NoteKey } from './verifier-key.ts';
import { type VerifiedNote, verifyNote } from './verify-note.ts';

export interface VerifiedCheckpoint extends Checkpoint {
  readonly verified: VerifiedNote['verified'];
}

/**
 * The checkpoint of exactly this log, signed by its key and perhaps by witnesses.
 * @param witnesses further keys whose signatures count when present
 * @throws FormatError as `verifyNote` and `parseCheckpoint`; `checkpoint_origin_mismatch`
 */
export async function verifyCheckpoint(
  note: string | Uint8Array,
  origin: string,
  logKey: NoteKey,
  witnesses: readonly NoteKey[] = [],
): Promise<VerifiedCheckpoint> {
  const { text, verified } = await verifyNote(note, [logKey, ...witnesses]);
  if (!verified.some(({ key }) => key === logKey)) {
    throw new FormatError('note_unsigned', 'The checkpoint is not signed by its log.');
  }
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== origin) {
    throw new FormatError('checkpoint_origin_mismatch', 'The checkpoint is of another log.');
  }
  return { ...checkpoint, verified };
}
