// The INSERT of an act. Its text is made once: each judged token brings one.

import { bindQuery } from '@countersign/storage';
import { type CompiledQuery, type Kysely, sql } from 'kysely';
import type { MemoryTables, RiskActTable } from '../tables.ts';
import type { KeptAct } from './act.ts';
import { rowOf } from './act-row.ts';

const COLUMNS = [
  ...(['sequence', 'id', 'kind', 'realm', 'subject', 'client', 'session'] as const),
  ...(['time_ms', 'score', 'level', 'action', 'about', 'body'] as const),
] satisfies readonly (keyof RiskActTable)[];

let ready: CompiledQuery<unknown> | undefined;

export function insertAct(db: Kysely<MemoryTables>, act: KeptAct): CompiledQuery<unknown> {
  ready ??= sql`INSERT INTO risk_act (${sql.join(COLUMNS.map((name) => sql.ref(name)))})
    VALUES (${sql.join(COLUMNS.map(() => sql`${null}`))})`.compile(db);
  const row = rowOf(act, act.sequence);
  return bindQuery(
    ready,
    COLUMNS.map((name) => row[name]),
  );
}
