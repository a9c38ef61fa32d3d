// What a store promises, whatever engine stands behind it. Every engine passes `conformance.ts`.

import type { CompiledQuery, Kysely } from 'kysely';

/** Named limits; each can be set for a test or an unusual machine. */
export interface StoreLimits {
  /** Jobs that may share one COMMIT. Default 512. */
  mostJobsPerGroup: number;
  /** A group takes no further job after this long, so that other work gets its turn. Default 20. */
  longestGroupMs: number;
  /** Jobs that may wait; the next is refused with `storage_busy`. Default 10,000. */
  mostQueuedJobs: number;
  /** A job that takes longer is rolled back with `transaction_stuck`. Default 5,000. */
  longestJobMs: number;
  /** The database grows no larger; beyond it `storage_full`. Default 1 TiB. */
  largestDatabaseBytes: number;
  /** How long a group waits for another process that holds the file. Default 2,000. */
  longestLockWaitMs: number;
}

/** One step of the schema. A released step never changes; a new wish is a new step. */
export interface Migration {
  /** Unique in the whole house: `ROOM-NNN-what`, for example `audit-001-events`. */
  name: string;
  /** Emits the same statements on every database; reads no data and takes no time or randomness. */
  up(tx: Kysely<unknown>): Promise<void>;
}

/** What one ready-made query did. */
export interface WriteOutcome {
  /** Rows of a RETURNING clause or a SELECT; otherwise empty. */
  rows: Record<string, unknown>[];
  /** Rows inserted, updated or deleted; 0 where rows are returned (count those). */
  changes: number;
}

export interface Store<DB> {
  /** Reads what is committed, and nothing else; queries only, no transactions. */
  readonly read: Kysely<DB>;

  /**
   * Runs a job alone in its own transaction and resolves with its result once it is durable.
   *
   * Many jobs share one COMMIT, and so one flush of the disk. Jobs run strictly one after the
   * other; a job awaits nothing but queries on its `tx`, because everyone behind it waits too. A
   * job that throws, or one of whose queries failed (even if it caught that), is rolled back alone.
   *
   * @throws CodedError StorageCode; or whatever the job threw.
   */
  transaction<T>(job: (tx: Kysely<DB>) => Promise<T>): Promise<T>;

  /**
   * The cheap road for hot paths: runs ready-made queries in order as one transaction, all or
   * nothing, durable when it resolves. Compile once, then `bindQuery(compiled, values)` per call.
   */
  write(queries: readonly CompiledQuery<unknown>[]): Promise<WriteOutcome[]>;

  /** Refuses new jobs, finishes those that wait, and closes. Safe to call twice. */
  close(): Promise<void>;
}

/** A compiled query with other values: the SQL text is built once, the prepared statement reused. */
export function bindQuery<R>(
  query: CompiledQuery<R>,
  parameters: readonly unknown[],
): CompiledQuery<R> {
  return { query: query.query, queryId: query.queryId, sql: query.sql, parameters };
}
