// One process a folder: two witnesses on one store would each check against a state that the other
// moves. The lock is the kernel's (fcntl, taken by SQLite on an empty file) and goes with the process.

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { refusal } from '../watcher-error.ts';

const LOCK_FILE = 'lock';

/** @throws CodedError `folder_locked` */
export function holdFolder(folder: string): { release(): void } {
  const database = new DatabaseSync(join(folder, LOCK_FILE), { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw refusal('folder_locked', `Another process uses ${folder}; only one may.`, { cause });
  }
  return { release: () => database.close() };
}

/** Names that may be in a folder that is still empty. */
export function isLockFile(name: string): boolean {
  return name === LOCK_FILE || name.startsWith(`${LOCK_FILE}-`);
}
