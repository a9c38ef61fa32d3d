// One writer a log. The lock is the kernel's, so that it goes with the process however that ends,
// and no stale file ever has to be judged. A confined notary is handed a locked descriptor (flock)
// by whoever starts it; everybody else takes a lock by SQLite (fcntl), the one module of Node that
// can. Nothing is stored in the file.

import { fstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
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
  // Asked for when it is needed: a confined notary runs without the module.
  const sqlite = process.getBuiltinModule('node:sqlite');
  if (sqlite === undefined) {
    throw refusal('log_locked', 'The log cannot be locked: it was handed no lock, nor SQLite.');
  }
  const database = new sqlite.DatabaseSync(join(folder, LOCK_FILE), { timeout: waitMs });
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

/**
 * The lock behind a descriptor that was handed down, whose file is the lock file of this folder.
 * Undefined when there is no such descriptor. It is given up when the process ends.
 */
export function inheritedLock(folder: string, descriptor: number): WriterLock | undefined {
  try {
    const handed = fstatSync(descriptor);
    const lock = statSync(join(folder, LOCK_FILE));
    const same = handed.dev === lock.dev && handed.ino === lock.ino;
    return same ? { release: () => undefined } : undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EBADF' || code === 'ENOENT') return undefined;
    throw error;
  }
}
