// One writer a log. The lock is the kernel's (fcntl, taken by SQLite on an empty file), so that it
// goes with the process however that ends, and no stale file ever has to be judged. Nothing is
// stored in it.

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { refusal } from '../transparency-error.ts';

export const LOCK_FILE = 'lock';

export interface WriterLock {
  release(): void;
}

/**
 * Takes the lock, waiting (and blocking the process) at most `waitMs`.
 * @throws CodedError `log_locked` when another process, or this one, already writes the log
 */
export function holdWriterLock(folder: string, waitMs: number): WriterLock {
  const database = new DatabaseSync(join(folder, LOCK_FILE), { timeout: waitMs });
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw refusal('log_locked', 'Another process writes this log; only one may.', {
      cause,
      retryAfterSeconds: 1,
    });
  }
  return { release: () => database.close() };
}
