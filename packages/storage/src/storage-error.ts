// The refusals of this room, and the one place where an SQLite result code becomes one of them.
// Result codes: https://sqlite.org/rescode.html (primary code = low byte of the extended one).

import { CodedError } from '@countersign/vocabulary';

export type StorageCode =
  /** No space left: nothing was kept. Temporary. */
  | 'storage_full'
  /** The disk or the file failed. When a COMMIT failed so, the outcome is unknown until reopened. */
  | 'storage_failed'
  | 'storage_closed'
  /** Too many jobs wait, or another process holds the file. Temporary. */
  | 'storage_busy'
  /** A row with the same unique value exists. */
  | 'storage_conflict'
  /** A foreign key, NOT NULL or CHECK rule refused the row. */
  | 'storage_constraint'
  /** A write, or a transaction, was asked of the reading side. */
  | 'storage_read_only'
  /** A job held its transaction longer than `longestJobMs`. */
  | 'transaction_stuck'
  /** A query came through a transaction that had ended. */
  | 'transaction_over'
  /** An earlier query of the same job failed, so the job can only be rolled back. */
  | 'transaction_failed'
  /** A job asked for another transaction instead of using its own. */
  | 'transaction_nested'
  /** Somebody else holds the lease under which this was to be written. Temporary. */
  | 'lease_lost'
  | 'migration_unknown'
  | 'migration_changed'
  | 'migration_unsteady'
  | 'migration_duplicate';

const FULL = 13;
const CONSTRAINT = 19;
const BUSY_CODES: ReadonlySet<number> = new Set([5, 6]);
const READONLY = 8;
const BROKEN_CODES: ReadonlySet<number> = new Set([7, 9, 10, 11, 14, 15, 23, 26]);
const UNIQUE_EXTENDED: ReadonlySet<number> = new Set([1555, 2067, 2579]);

interface SqliteError extends Error {
  code: 'ERR_SQLITE_ERROR';
  errcode: number;
}

function isSqliteError(error: unknown): error is SqliteError {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'ERR_SQLITE_ERROR' &&
    'errcode' in error &&
    typeof error.errcode === 'number'
  );
}

/**
 * Gives an SQLite failure its code; anything else (a wrong SQL text, a value that cannot be bound:
 * our own bugs) is handed back as it came. SQLite's text names columns and goes to `detail`.
 */
export function toStorageError(error: unknown): unknown {
  if (!isSqliteError(error)) return error;
  const primary = error.errcode & 0xff;
  const options = { cause: error, detail: `sqlite ${error.errcode}: ${error.message}` };
  if (primary === FULL) {
    return new CodedError<StorageCode>('storage_full', 'The store has no space left.', {
      ...options,
      retryAfterSeconds: 30,
    });
  }
  if (BUSY_CODES.has(primary)) {
    return new CodedError<StorageCode>('storage_busy', 'Another process holds the store.', {
      ...options,
      retryAfterSeconds: 1,
    });
  }
  if (primary === READONLY) {
    return new CodedError<StorageCode>('storage_read_only', 'This side only reads.', options);
  }
  if (primary === CONSTRAINT) {
    return UNIQUE_EXTENDED.has(error.errcode)
      ? new CodedError<StorageCode>('storage_conflict', 'Such a record exists already.', options)
      : new CodedError<StorageCode>('storage_constraint', 'The record breaks a rule.', options);
  }
  if (BROKEN_CODES.has(primary)) {
    return new CodedError<StorageCode>('storage_failed', 'The store failed.', {
      ...options,
      retryAfterSeconds: 30,
    });
  }
  return error;
}
