// The two ways Kysely reaches SQLite: a reading side, and one throw-away door per transaction that
// closes when its job ends, so that a query that comes late cannot land in somebody else's job.

import { CodedError } from '@countersign/vocabulary';
import {
  type CompiledQuery,
  type DatabaseConnection,
  DefaultQueryExecutor,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  Transaction,
} from 'kysely';
import type { StorageCode } from '../storage-error.ts';
import type { Outcome } from './connection.ts';

export type RunQuery = (sql: string, parameters: readonly unknown[]) => Outcome;

/** Kysely over the reading connection. It refuses transactions: they belong to the writer. */
export function readingSide<DB>(run: RunQuery): Kysely<DB> {
  return new Kysely<DB>({ dialect: dialectOf(run) });
}

export interface TransactionDoor<DB> {
  tx: Kysely<DB>;
  /** The first failure of a query; the job must then be rolled back. */
  failure(): { error: unknown } | undefined;
  close(): void;
}

const adapter = new SqliteAdapter();
const compiler = new SqliteQueryCompiler();

/** Opens a door to the writer for one job. */
export function openDoor<DB>(run: RunQuery): TransactionDoor<DB> {
  let open = true;
  let failure: { error: unknown } | undefined;
  const guarded: RunQuery = (sql, parameters) => {
    if (!open) throw transactionOver();
    // PostgreSQL stops a transaction at its first error; here it is the same, on purpose.
    if (failure !== undefined) throw transactionFailed(failure.error);
    try {
      return run(sql, parameters);
    } catch (error) {
      failure = { error };
      throw error;
    }
  };
  const dialect = dialectOf(guarded);
  const connection = connectionOf(guarded);
  const executor = new DefaultQueryExecutor(compiler, adapter, {
    provideConnection: (consumer) => consumer(connection),
  });
  const tx = new Transaction<DB>({
    config: { dialect },
    dialect,
    driver: driverOf(connection),
    executor,
  });
  return {
    tx,
    failure: () => failure,
    close() {
      open = false;
    },
  };
}

function dialectOf(run: RunQuery): Dialect {
  return {
    createAdapter: () => adapter,
    createDriver: () => driverOf(connectionOf(run)),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => compiler,
  };
}

function driverOf(connection: DatabaseConnection): Driver {
  const refuse = async (): Promise<void> => {
    throw new CodedError<StorageCode>(
      'storage_read_only',
      'Transactions go through store.transaction().',
    );
  };
  return {
    init: async () => {},
    acquireConnection: async () => connection,
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    releaseConnection: async () => {},
    destroy: async () => {},
  };
}

function connectionOf(run: RunQuery): DatabaseConnection {
  return {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      const { rows, changes, insertId } = run(query.sql, query.parameters);
      return {
        rows: rows as R[],
        ...(insertId === undefined
          ? {}
          : { numAffectedRows: BigInt(changes), insertId: BigInt(insertId) }),
      };
    },
    streamQuery() {
      // An open cursor would hold the write-ahead log for as long as its reader pleases.
      throw new CodedError<StorageCode>(
        'storage_read_only',
        'Streams are not offered: read in pages, by key.',
      );
    },
  };
}

function transactionOver(): CodedError<StorageCode> {
  return new CodedError('transaction_over', 'This transaction has ended.');
}

function transactionFailed(cause: unknown): CodedError<StorageCode> {
  return new CodedError(
    'transaction_failed',
    'An earlier query of this transaction failed, so it can only be rolled back.',
    { cause },
  );
}
