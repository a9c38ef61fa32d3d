// INSERT statements whose text is made once: on the way of a token only the values change.

import { bindQuery } from '@countersign/storage';
import { type CompiledQuery, type Insertable, type Kysely, sql } from 'kysely';
import type { AuditTables } from '../tables.ts';

export type Row<Table extends keyof AuditTables> = Insertable<AuditTables[Table]>;

/** The part of a transaction that ready-made queries need: any room's transaction fits. */
export interface Writing {
  executeQuery<R>(query: CompiledQuery<R>): Promise<{ rows: R[]; numAffectedRows?: bigint }>;
}

/**
 * @param columns every column of the table but those the database fills.
 * @param onConflict `ignore` keeps the row that is there; so does `complete`, the key of the table, but
 * for what that row does not say.
 */
export function readyInsert<Table extends keyof AuditTables>(
  db: Kysely<AuditTables>,
  table: Table,
  columns: readonly (keyof Row<Table> & string)[],
  onConflict: 'refuse' | 'ignore' | { complete: string } = 'refuse',
): (row: Row<Table>) => CompiledQuery<unknown> {
  const names = sql.join(columns.map((column) => sql.ref(column)));
  const places = sql.join(columns.map(() => sql`${null}`));
  const tail = describeConflict(table, columns, onConflict);
  const query = sql`INSERT INTO ${sql.table(table)} (${names}) VALUES (${places})${tail}`.compile(
    db,
  );
  return (row) =>
    bindQuery(
      query,
      columns.map((column) => row[column]),
    );
}

function describeConflict(
  table: string,
  columns: readonly string[],
  onConflict: 'refuse' | 'ignore' | { complete: string },
) {
  if (onConflict === 'refuse') return sql``;
  if (onConflict === 'ignore') return sql` ON CONFLICT DO NOTHING`;
  const { complete: key } = onConflict;
  const gaps = columns
    .filter((column) => column !== key)
    .map(
      (column) =>
        sql`${sql.ref(column)} = coalesce(${sql.ref(`${table}.${column}`)}, ${sql.ref(`excluded.${column}`)})`,
    );
  return sql` ON CONFLICT (${sql.ref(key)}) DO UPDATE SET ${sql.join(gaps)}`;
}

/** The same, but only while no use report of that reporter and id exists. */
export function readyInsertForNewUse<Table extends keyof AuditTables>(
  db: Kysely<AuditTables>,
  table: Table,
  columns: readonly (keyof Row<Table> & string)[],
): (row: Row<Table>, reporterId: string, reportId: string) => CompiledQuery<unknown> {
  const names = sql.join(columns.map((column) => sql.ref(column)));
  const places = sql.join(columns.map(() => sql`${null}`));
  const query = sql`INSERT INTO ${sql.table(table)} (${names}) SELECT ${places}
    WHERE NOT EXISTS (SELECT 1 FROM use_report WHERE reporter_id = ${null} AND report_id = ${null})
    ON CONFLICT DO NOTHING`.compile(db);
  return (row, reporterId, reportId) =>
    bindQuery(query, [...columns.map((column) => row[column]), reporterId, reportId]);
}
