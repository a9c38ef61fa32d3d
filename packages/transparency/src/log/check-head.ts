// Before a log goes on: is the head our own, is the public checkpoint not ahead of it, and has the
// clock not gone back? Each of these means a restored backup, a second writer or a broken clock.

import {
  equalBytes,
  FormatError,
  type NoteKey,
  type VerifiedCheckpoint,
  verifyCheckpoint,
} from '@countersign/verifier';
import type { LogDisk } from '../disk/log-disk.ts';
import { refusal } from '../transparency-error.ts';
import type { Head } from './head-file.ts';
import { CHECKPOINT_PATH } from './publish.ts';

/** How far the clock may be behind the last checkpoint or record, for a clock being set right. */
const MAX_STEP_BACK_MS = 10_000;

/** @throws CodedError `head_corrupt`, `rollback`, `log_forked` */
export async function checkHead(
  disk: LogDisk,
  head: Head,
  origin: string,
  key: NoteKey,
): Promise<void> {
  const own = await readCheckpoint(head.note, origin, key);
  if (own === undefined || own.size !== head.size || !equalBytes(own.root, head.root)) {
    throw refusal('head_corrupt', 'The remembered checkpoint is not signed by this log.');
  }
  const bytes = disk.read(CHECKPOINT_PATH);
  const shown = bytes && (await readCheckpoint(bytes, origin, key));
  // Missing, damaged or older: it is only a copy of the head and will be written again.
  if (shown === undefined || shown.size < head.size) return;
  if (shown.size > head.size) {
    throw refusal(
      'rollback',
      `A checkpoint of ${shown.size} was published, but the log remembers ${head.size}. Restore the folder from a copy that holds everything the log acknowledged.`,
    );
  }
  if (!equalBytes(shown.root, head.root)) {
    throw refusal('log_forked', `Two roots were signed for size ${head.size}.`);
  }
}

/** @throws CodedError `clock_behind` */
export function checkClock(nowMs: number, lastMs: number): void {
  if (nowMs >= lastMs - MAX_STEP_BACK_MS) return;
  throw refusal(
    'clock_behind',
    `The clock is ${Math.ceil((lastMs - nowMs) / 1000)} s behind what the log last wrote; set it right.`,
    { retryAfterSeconds: 1 },
  );
}

async function readCheckpoint(
  note: string | Uint8Array,
  origin: string,
  key: NoteKey,
): Promise<VerifiedCheckpoint | undefined> {
  try {
    return await verifyCheckpoint(note, origin, key);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}
