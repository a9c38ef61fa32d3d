// Opens the embedded store: SQLite with one writer that commits in groups and one reader.

import type { Clock } from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import { applyMigrations } from './apply-migrations.ts';
import { CommitGroups } from './sqlite/commit-groups.ts';
import { readingSide } from './sqlite/kysely-doors.ts';
import { type Connections, openConnections, openTemporary } from './sqlite/open-connections.ts';
import type { JobFunction } from './sqlite/run-job.ts';
import type { Migration, Store, StoreLimits } from './store.ts';

interface StoreSettings {
  /** Steps of all rooms that keep tables here, in floor order. */
  migrations: readonly Migration[];
  clock: Clock;
  limits?: Partial<StoreLimits>;
  /**
   * A flush of the disk failed: the store takes no more writes and the process must end, for only
   * recovery finds out what the disk holds. Default: throws where nobody catches, which ends it.
   */
  onFatal?: (error: unknown) => void;
}

/** `path`: the database file, created (owner only) when absent. `memory`: gone after close. */
export type StoreOptions = StoreSettings &
  ({ path: string; memory?: never } | { memory: true; path?: never });

const defaultLimits: StoreLimits = {
  mostJobsPerGroup: 512,
  longestGroupMs: 20,
  mostQueuedJobs: 10_000,
  longestJobMs: 5000,
  largestDatabaseBytes: 2 ** 40,
  longestLockWaitMs: 2000,
};

/**
 * Opens a store and brings its schema up to date.
 *
 * `DB` is the intersection of the rooms' table types; the result fits wherever one of them is asked.
 * @throws CodedError StorageCode
 */
export async function openStore<DB>(options: StoreOptions): Promise<Store<DB>> {
  const limits = { ...defaultLimits, ...options.limits };
  const connections =
    options.path === undefined ? openTemporary(limits) : openConnections(options.path, limits);
  try {
    await applyMigrations(connections.writer, options.migrations, options.clock);
  } catch (error) {
    await connections.close();
    throw error;
  }
  return assembleStore<DB>(connections, limits, options.onFatal ?? endProcess);
}

function endProcess(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}

function assembleStore<DB>(
  connections: Connections,
  limits: StoreLimits,
  onFatal: (error: unknown) => void,
): Store<DB> {
  const { writer: connection, flush, tidy } = connections;
  const groups = new CommitGroups({ connection, limits, flush, tidy, onFatal });
  let closing: Promise<void> | undefined;
  return {
    read: readingSide<DB>((sql, parameters) => connections.reader.run(sql, parameters)),
    transaction<T>(job: (tx: Kysely<DB>) => Promise<T>): Promise<T> {
      return groups.transaction(job as JobFunction) as Promise<T>;
    },
    write: (queries) => groups.write(queries),
    close() {
      closing ??= groups.close().then(() => connections.close());
      return closing;
    },
  };
}
