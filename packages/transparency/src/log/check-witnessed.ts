// A log restored from an old copy looks whole to itself; only who saw more of it can tell. What a
// witness holds under the log's own signature is compared with what the log remembers. When the log
// is behind or another, it stops, and remembers the note, so that it stays stopped until a copy is
// restored that holds everything it ever signed.

import { equalBytes, FormatError, type NoteKey, verifyCheckpoint } from '@countersign/verifier';
import { type CodedError, isCodedError } from '@countersign/vocabulary';
import type { LogDisk } from '../disk/log-disk.ts';
import { rootFromTiles, type TileFetcher } from '../tiles/read-tiles.ts';
import { refusal } from '../transparency-error.ts';
import type { Head } from './head-file.ts';
import { PUBLIC_FOLDER } from './recover-state.ts';

/** Holds the checkpoint that stopped the log. */
export const WITNESSED_FILE = 'witnessed';

export interface WitnessedLog {
  disk: LogDisk;
  origin: string;
  key: NoteKey;
  head: Head;
}

/**
 * @param note a checkpoint that a witness holds; only the log's own signature on it counts, so that
 *   nobody can stop the log with a checkpoint of his own
 * @throws CodedError `rollback`, `log_forked`, `tiles_corrupt`; FormatError as `verifyCheckpoint`
 */
export async function checkWitnessed(
  { disk, origin, key, head }: WitnessedLog,
  note: string | Uint8Array,
): Promise<void> {
  const witnessed = await verifyCheckpoint(note, origin, key);
  if (witnessed.size > head.size) {
    throw refusal(
      'rollback',
      `A witness holds a checkpoint of ${witnessed.size} by this log, which remembers ${head.size}. Restore the folder from a copy that holds everything the log acknowledged.`,
    );
  }
  const fetch: TileFetcher = (path) => disk.readLater(`${PUBLIC_FOLDER}/${path}`);
  const root =
    witnessed.size === head.size
      ? head.root
      : await rootFromTiles(fetch, witnessed.size, head.size);
  if (!equalBytes(witnessed.root, root)) {
    throw refusal(
      'log_forked',
      `A witness holds another root for size ${witnessed.size}, signed by this log: it has two histories. Give the log a new name and keys, and keep this folder as evidence.`,
    );
  }
}

/** True for what stops a log for good. */
export function isDisproved(
  error: unknown,
): error is CodedError<'rollback'> | CodedError<'log_forked'> {
  return isCodedError(error) && ['rollback', 'log_forked'].includes(error.code);
}

/**
 * Before a log goes on: was it stopped by a note that it still does not live up to?
 * @throws CodedError as `checkWitnessed`; `head_corrupt` when the note was damaged
 */
export async function checkRemembered(log: WitnessedLog): Promise<void> {
  const note = log.disk.read(WITNESSED_FILE);
  if (note === undefined) return;
  try {
    await checkWitnessed(log, note);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw refusal(
      'head_corrupt',
      `The file ${WITNESSED_FILE}, which holds a checkpoint that stopped this log, is damaged.`,
      { cause: error },
    );
  }
  log.disk.remove(WITNESSED_FILE);
}
