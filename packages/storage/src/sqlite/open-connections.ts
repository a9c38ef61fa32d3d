// Opens the database file: one connection that writes, one that reads what is committed.
// Settings: https://sqlite.org/pragma.html. WAL + synchronous NORMAL: a COMMIT is whole or absent
// after a power cut; that it is there is what `flush-wal.ts` adds before a commit is acknowledged.

import { closeSync, fsyncSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CodedError } from '@countersign/vocabulary';
import { type StorageCode, toStorageError } from '../storage-error.ts';
import type { StoreLimits } from '../store.ts';
import { Checkpointer } from './checkpoint-beside.ts';
import { SqliteConnection } from './connection.ts';
import { noFlush, openWalFlush } from './flush-wal.ts';

const CACHE_KIB = 16_384;
// For databases without durability; the others are copied by the Checkpointer.
const CHECKPOINT_PAGES = 4000;
const LARGEST_IDLE_WAL_BYTES = 64 * 1024 * 1024;

export interface Connections {
  writer: SqliteConnection;
  reader: SqliteConnection;
  /** Resolves when every COMMIT that returned before the call is durable. */
  flush(): Promise<void>;
  /** To be called between transactions: keeps the log short. */
  tidy(): void;
  close(): Promise<void>;
}

/** Opens (or creates, readable by its owner only) the database at `path`. */
export function openConnections(path: string, limits: StoreLimits): Connections {
  try {
    createOwnerOnly(path);
  } catch (error) {
    throw new CodedError<StorageCode>(
      'storage_failed',
      'The database file cannot be opened; check that its folder exists and can be written.',
      { cause: error },
    );
  }
  try {
    return connect(path, limits, 'NORMAL');
  } catch (error) {
    throw toStorageError(error);
  }
}

/** The same in a temporary folder that is gone after close: for tests. */
export function openTemporary(limits: StoreLimits): Connections {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-store-'));
  const forget = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', forget);
  const connections = connect(join(folder, 'store.db'), limits, 'OFF');
  return {
    ...connections,
    async close() {
      await connections.close();
      process.off('exit', forget);
      forget();
    },
  };
}

function createOwnerOnly(path: string): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // SQLite gives its -wal and -shm files the mode of the database file.
  closeSync(openSync(path, 'a', 0o600));
  const handle = openSync(folder, 'r');
  fsyncSync(handle);
  closeSync(handle);
}

function connect(path: string, limits: StoreLimits, synchronous: 'NORMAL' | 'OFF'): Connections {
  const options = { timeout: limits.longestLockWaitMs, enableForeignKeyConstraints: true };
  const writing = new DatabaseSync(path, options);
  writing.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = ${synchronous};
    PRAGMA cache_size = -${CACHE_KIB};
    PRAGMA temp_store = MEMORY;
    PRAGMA wal_autocheckpoint = ${synchronous === 'OFF' ? CHECKPOINT_PAGES : 0};
    PRAGMA journal_size_limit = ${LARGEST_IDLE_WAL_BYTES};
  `);
  const pageBytes = Number(writing.prepare('PRAGMA page_size').get()?.['page_size']);
  writing.exec(`PRAGMA max_page_count = ${Math.ceil(limits.largestDatabaseBytes / pageBytes)}`);
  const reading = new DatabaseSync(path, options);
  reading.exec(`PRAGMA query_only = ON; PRAGMA cache_size = -${CACHE_KIB}`);
  const writer = new SqliteConnection(writing);
  const reader = new SqliteConnection(reading);
  // The first write makes the log file; this one changes nothing.
  writing.exec('BEGIN IMMEDIATE; PRAGMA user_version = 0; COMMIT');
  const wal = synchronous === 'OFF' ? noFlush : openWalFlush(path);
  const checkpointer =
    wal.descriptor === undefined
      ? undefined
      : new Checkpointer({ path, walDescriptor: wal.descriptor, writer });
  return {
    writer,
    reader,
    flush: wal.flush,
    tidy: () => checkpointer?.look(),
    async close() {
      await checkpointer?.close();
      wal.close();
      reader.close();
      writer.close();
    },
  };
}
