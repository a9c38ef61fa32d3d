// One writer at a time. Node has no flock, so the lock is SQLite's exclusive lock on an empty
// file: the kernel holds it and drops it when the process dies, however it dies.

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { custodyRefusal } from '../keys-error.ts';

const LOCK_FILE = 'lock';
// A signer that is being replaced needs a moment to leave.
const WAIT_MS = 2000;

export interface FolderLock {
  release(): void;
}

/**
 * Takes the lock of `folder`, waiting at most `waitMs`.
 * @throws CodedError `folder_locked`
 */
export function lockFolder(folder: string, waitMs = WAIT_MS): FolderLock {
  const database = new DatabaseSync(join(folder, LOCK_FILE), { timeout: waitMs });
  try {
    // In memory: holding the lock must not leave a rollback journal for the next process to find.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw custodyRefusal(
      'folder_locked',
      'Another signer is using this key folder. Stop it first; two signers would number twice.',
      { cause },
    );
  }
  return { release: () => database.close() };
}
