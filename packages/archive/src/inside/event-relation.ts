// All events that may match, hot and sealed, as one relation for SQL. What it is made of (tables, files)
// stays until the job is done, whatever is sealed, compacted or dropped meanwhile.

import type { DuckDBConnection } from '@duckdb/node-api';

export interface RelationNeeds {
  /** Absent: of all tenants and the installation. */
  tenant?: string | undefined;
  /** Only events whose own time is in this range are needed; both ends belong to it. */
  fromMs?: number | undefined;
  toMs?: number | undefined;
}

/** Part of the history that cannot be read now: an answer without it has to say so. */
export interface UnreadablePart {
  tenant: string;
  first: number;
  last: number;
  trouble: 'missing' | 'damaged';
}

export interface EventRelation {
  /** SQL of a relation in parentheses, with the columns of columns.ts. */
  sql: string;
  /** The same without the files that have none of these chain numbers: to open one costs some 2 ms. */
  narrowTo(numbers: readonly number[]): string;
  /** Events up to here are in it. */
  sequence: number;
  /** Segment files in it. */
  files: number;
  unreadable: UnreadablePart[];
}

export interface EventRelations {
  withRelation<T>(
    needs: RelationNeeds,
    job: (relation: EventRelation, connection: DuckDBConnection) => Promise<T>,
  ): Promise<T>;
  /**
   * Follows the event table up to a sequence number.
   * @throws CodedError `archive_behind` when that takes longer than `timeoutMs`
   */
  catchUp(throughSequence: number, timeoutMs: number): Promise<void>;
}

/** SQL text. A statement ends at its first NUL, wherever that stands: there the text is put together. */
export function quote(text: string): string {
  const parts = text.split('\0').map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? (parts[0] as string) : `(${parts.join(' || chr(0) || ')})`;
}
