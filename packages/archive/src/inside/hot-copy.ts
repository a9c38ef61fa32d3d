// The events that no segment on record holds yet, in DuckDB: one table a generation. Sealing closes a
// generation and begins the next, so that following goes on meanwhile and memory is given back at once
// when the generation is dropped.

import type {
  DuckDBAppender,
  DuckDBBlobValue,
  DuckDBConnection,
  DuckDBType,
} from '@duckdb/node-api';
import { COLUMNS, type ColumnName } from '../columns.ts';

export type ColumnValue = string | number | Uint8Array | null;
/** Whole numbers of BIGINT columns as numbers. */
export type EventColumns = Record<ColumnName, ColumnValue>;

export const COLUMN_LIST = COLUMNS.map(({ name }) => name).join(', ');

const FLUSH_ROWS = 20_480;

/** Native code: loaded with the first table, which is made where DuckDB is open, and never in the server. */
type DuckDbLibrary = typeof import('@duckdb/node-api');

export class HotTable {
  readonly name: string;
  readonly #connection: DuckDBConnection;
  readonly #library: DuckDbLibrary;
  readonly #types: DuckDBType[];
  #appender: DuckDBAppender | undefined;
  #waiting = 0;
  #users = 0;
  #dropped = false;

  private constructor(connection: DuckDBConnection, library: DuckDbLibrary, name: string) {
    this.#connection = connection;
    this.#library = library;
    this.#types = COLUMNS.map(({ type }) => library[type]);
    this.name = name;
  }

  static async create(connection: DuckDBConnection, generation: number): Promise<HotTable> {
    const library = await import('@duckdb/node-api');
    const table = new HotTable(connection, library, `hot_${generation}`);
    const columns = COLUMNS.map(({ name, type }) => `${name} ${type}`).join(', ');
    await connection.run(`CREATE TABLE ${table.name} (${columns})`);
    table.#appender = await connection.createAppender(table.name);
    return table;
  }

  /** Visible to queries after `flush`. @param rows at most 2,048: a chunk of DuckDB */
  append(rows: readonly EventColumns[]): void {
    const { DuckDBBlobValue, DuckDBDataChunk } = this.#library;
    const toBlob = (bytes: Uint8Array) => new DuckDBBlobValue(bytes);
    const chunk = DuckDBDataChunk.create(this.#types, rows.length);
    for (const [at, { name, type }] of COLUMNS.entries()) {
      const vector = chunk.getColumnVector(at);
      for (let row = 0; row < rows.length; row += 1) {
        vector.setItem(row, toDuckDb(rows[row]?.[name] ?? null, type, toBlob) as never);
      }
      vector.flush();
    }
    this.#appender?.appendDataChunk(chunk);
    this.#waiting += rows.length;
    if (this.#waiting >= FLUSH_ROWS) this.flush();
  }

  /** Each flush is a transaction of DuckDB, so that many rows go together. */
  flush(): void {
    if (this.#waiting === 0) return;
    this.#appender?.flushSync();
    this.#waiting = 0;
  }

  /** No more rows come. */
  finish(): void {
    this.flush();
    this.#appender?.closeSync();
    this.#appender = undefined;
  }

  hold(): () => void {
    this.#users += 1;
    return () => {
      this.#users -= 1;
      this.#dropIfFree();
    };
  }

  /** At once, or when the last query over it has ended. */
  drop(): void {
    this.finish();
    this.#dropped = true;
    this.#dropIfFree();
  }

  #dropIfFree(): void {
    if (!this.#dropped || this.#users > 0) return;
    this.#dropped = false;
    // A table that stays costs memory and nothing else; the next start is without it.
    this.#connection.run(`DROP TABLE ${this.name}`).catch(() => undefined);
  }
}

function toDuckDb(
  value: ColumnValue,
  type: string,
  toBlob: (bytes: Uint8Array) => DuckDBBlobValue,
) {
  if (value === null) return null;
  if (type === 'BIGINT') return BigInt(value as number);
  if (type === 'BLOB') return toBlob(value as Uint8Array);
  return value;
}
