// One SQLite connection with its prepared statements. Everything here is synchronous: a query that
// has begun has ended when the call returns, which is what lets jobs share the writer safely.

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { toStorageError } from '../storage-error.ts';
import type { WriteOutcome } from '../store.ts';

// Queries with lists of values have many texts; the oldest statement makes room.
const MOST_STATEMENTS = 500;

interface Prepared {
  statement: StatementSync;
  givesRows: boolean;
}

export interface Outcome extends WriteOutcome {
  insertId: number | bigint | undefined;
}

export class SqliteConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, Prepared>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** @throws CodedError StorageCode for what SQLite refuses; our own bugs as they come. */
  run(sql: string, parameters: readonly unknown[]): Outcome {
    try {
      const { statement, givesRows } = this.#prepare(sql);
      const values = parameters as SQLInputValue[];
      if (givesRows) {
        // Rows come without a prototype; a plain object surprises nobody.
        const rows = statement.all(...values).map((row) => ({ ...row }));
        return { rows, changes: 0, insertId: undefined };
      }
      const { changes, lastInsertRowid } = statement.run(...values);
      return { rows: [], changes: Number(changes), insertId: lastInsertRowid };
    } catch (error) {
      throw toStorageError(error);
    }
  }

  /** Runs a statement that takes and gives nothing, such as SAVEPOINT. */
  command(sql: string): void {
    this.run(sql, []);
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #prepare(sql: string): Prepared {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    const prepared = { statement, givesRows: statement.columns().length > 0 };
    if (this.#statements.size >= MOST_STATEMENTS) {
      const [oldest] = this.#statements.keys();
      if (oldest !== undefined) this.#statements.delete(oldest);
    }
    this.#statements.set(sql, prepared);
    return prepared;
  }
}
