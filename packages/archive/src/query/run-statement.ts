// One statement with a time in which it has to end.

import type { SqlValue } from '@countersign/search';
import type { DuckDBConnection } from '@duckdb/node-api';
import { archiveError } from '../archive-error.ts';

export type Row = readonly unknown[];

/** When a question has to be answered, whatever number of statements it takes. */
export class Deadline {
  readonly #untilMs: number;

  constructor(timeoutMs: number) {
    this.#untilMs = performance.now() + timeoutMs;
  }

  /** @throws CodedError `search_timeout` when nothing is left */
  leftMs(): number {
    const leftMs = this.#untilMs - performance.now();
    if (leftMs <= 0) throw tooSlow();
    return leftMs;
  }
}

/** @throws CodedError `search_timeout` */
export async function runStatement(
  connection: DuckDBConnection,
  statement: string,
  values: readonly SqlValue[],
  deadline: Deadline,
): Promise<Row[]> {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    connection.interrupt();
  }, deadline.leftMs());
  try {
    return (await connection.runAndReadAll(statement, [...values])).getRowsJS();
  } catch (error) {
    if (late) throw tooSlow(error);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function tooSlow(cause?: unknown) {
  const message =
    'The search took too long. Narrow it: a shorter time (time >= -7d), or a field of docs/audit.md instead of a path or free text.';
  return archiveError('search_timeout', message, cause === undefined ? {} : { cause });
}
