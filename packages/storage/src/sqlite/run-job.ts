// Runs one job inside its own SAVEPOINT of the open group. Whatever the job does, afterwards the
// group's transaction is as if the job had fully happened or not at all.

import { AsyncLocalStorage } from 'node:async_hooks';
import { CodedError } from '@countersign/vocabulary';
import type { CompiledQuery, Kysely } from 'kysely';
import type { StorageCode } from '../storage-error.ts';
import type { WriteOutcome } from '../store.ts';
import type { SqliteConnection } from './connection.ts';
import { openDoor } from './kysely-doors.ts';

export type JobFunction = (tx: Kysely<unknown>) => Promise<unknown>;

// Tells a job that asks for a second transaction, which would wait for itself.
const insideJob = new AsyncLocalStorage<{ running: boolean }>();

/** @throws CodedError `transaction_nested` when called from within a running job. */
export function refuseNesting(): void {
  if (insideJob.getStore()?.running === true) {
    throw new CodedError<StorageCode>(
      'transaction_nested',
      'A transaction is running: use its tx instead of asking for another.',
    );
  }
}

/** Runs `job` in a savepoint; throws what it threw, after rolling it back. */
export async function runJob(
  connection: SqliteConnection,
  job: JobFunction,
  longestMs: number,
): Promise<unknown> {
  const door = openDoor<unknown>((sql, parameters) => connection.run(sql, parameters));
  const token = { running: true };
  connection.command('SAVEPOINT job');
  try {
    const result = await withinTime(
      insideJob.run(token, async () => job(door.tx)),
      longestMs,
    );
    const failure = door.failure();
    if (failure !== undefined) throw failure.error;
    connection.command('RELEASE job');
    return result;
  } catch (error) {
    rollBackJob(connection);
    throw error;
  } finally {
    token.running = false;
    door.close();
  }
}

/** Runs ready-made queries, all or nothing, without leaving this turn of the loop. */
export function runQueries(
  connection: SqliteConnection,
  queries: readonly CompiledQuery<unknown>[],
): WriteOutcome[] {
  const one = ({ sql, parameters }: CompiledQuery<unknown>): WriteOutcome => {
    const { rows, changes } = connection.run(sql, parameters);
    return { rows, changes };
  };
  const [first, ...rest] = queries;
  // A single statement is atomic by itself.
  if (first !== undefined && rest.length === 0) return [one(first)];
  connection.command('SAVEPOINT job');
  try {
    const outcomes = queries.map(one);
    connection.command('RELEASE job');
    return outcomes;
  } catch (error) {
    rollBackJob(connection);
    throw error;
  }
}

function rollBackJob(connection: SqliteConnection): void {
  // SQLite may already have rolled back everything (disk full, I/O error): the group sees that.
  if (!connection.inTransaction) return;
  connection.command('ROLLBACK TO job');
  connection.command('RELEASE job');
}

async function withinTime<T>(work: Promise<T>, longestMs: number): Promise<T> {
  const { promise: stuck, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(
      new CodedError<StorageCode>(
        'transaction_stuck',
        `The transaction took longer than ${longestMs} ms (longestJobMs) and was rolled back.`,
      ),
    );
  }, longestMs);
  try {
    return await Promise.race([work, stuck]);
  } finally {
    clearTimeout(timer);
  }
}
