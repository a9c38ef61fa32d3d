// Records what other houses' logs say, once, however often it comes: keys of imported records are kept
// for ever, also when the event has left the hot table. Events, keys, counts of the run and gaps are one
// transaction, so that what was answered is durable and nothing is counted twice.

import { bindQuery } from '@countersign/storage';
import type { ActorFacts, CountersignEvent } from '@countersign/vocabulary';
import { type CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely';
import { auditError } from '../audit-error.ts';
import { noteGap } from '../gaps/note-gap.ts';
import { type AuditRoom, eventColumns } from '../store/audit-room.ts';
import { describeEventRow } from '../store/describe-event-row.ts';
import type { AuditTables } from '../tables.ts';
import { countKinds } from './count-kinds.ts';
import { describeImported, type ImportedRow } from './describe-imported.ts';
import {
  type ImportBatch,
  type ImportedRecord,
  type ImportOutcome,
  MOST_IMPORTED,
} from './imported-record.ts';

const RUN = /^[A-Za-z0-9_-]{1,64}$/;
const SOURCE = /^[a-z0-9-]{1,32}$/;
/** Rows of one INSERT: a statement costs about as much as a row. */
const ROWS_EACH = 50;

/** @throws CodedError `import_malformed`, StorageCode */
export async function recordImported(room: AuditRoom, batch: ImportBatch): Promise<ImportOutcome> {
  if (!RUN.test(batch.run)) {
    throw auditError('import_malformed', 'A run is named by 1 to 64 letters, digits, - and _.');
  }
  const rows = new Map<string, ImportedRow>();
  let brought = 0;
  for (const record of batch.records) {
    brought += 1;
    check(record, brought);
    const described = describeImported(room, batch.tenant, record);
    const key = described.key.toString('latin1');
    // Doubles within a batch: the first one counts.
    if (!rows.has(key)) rows.set(key, described);
  }
  return room.store.transaction(async (tx) => {
    const fresh = await enterKeys(room, tx, rows);
    await insertEvents(room, tx, fresh);
    const outcome: ImportOutcome = {
      recorded: fresh.length,
      known: brought - fresh.length,
      unmapped: fresh.filter(({ mapped }) => !mapped).length,
      future: fresh.filter(({ aheadMs }) => aheadMs > 0).length,
      truncated: fresh.filter(({ truncated }) => truncated).length,
    };
    const begun = await countRun(room, tx, batch, outcome);
    await countKinds(room, tx, batch.tenant, fresh);
    for (const query of gapsOf(room, batch, fresh)) await tx.executeQuery(query);
    if (begun || batch.done === true) await tellRun(room, tx, batch);
    return outcome;
  });
}

function check({ source }: ImportedRecord, brought: number): void {
  if (brought > MOST_IMPORTED) {
    throw auditError('import_malformed', `One batch may bring ${MOST_IMPORTED} events.`);
  }
  if (!SOURCE.test(source)) {
    throw auditError('import_malformed', 'A source is named by 1 to 32 of a-z, 0-9 and -.');
  }
}

/** Enters the keys; resolves with the rows whose keys were not there, in their own order. */
async function enterKeys(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  rows: ReadonlyMap<string, ImportedRow>,
): Promise<ImportedRow[]> {
  const insert = insertsOf(room, 'import_key', ['key'], sql` ON CONFLICT DO NOTHING RETURNING key`);
  const entered = new Set<string>();
  // In the order of the index, of which each page is then touched once.
  for (const some of inPortions([...rows.keys()].sort())) {
    const values = some.map((key) => rows.get(key)!.key);
    const { rows: fresh } = await tx.executeQuery(bindQuery(insert[portionOf(some)], values));
    if (fresh.length === some.length) for (const key of some) entered.add(key);
    else for (const { key } of fresh as KeyRow[]) entered.add(Buffer.from(key).toString('latin1'));
  }
  if (entered.size === rows.size) return [...rows.values()];
  return [...rows].filter(([key]) => entered.has(key)).map(([, row]) => row);
}

interface KeyRow {
  key: Uint8Array;
}

async function insertEvents(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  fresh: readonly ImportedRow[],
): Promise<void> {
  const insert = insertsOf(room, 'event', eventColumns, sql``);
  for (const some of inPortions(fresh)) {
    const values = some.flatMap(({ row }) => eventColumns.map((column) => row[column]));
    await tx.executeQuery(bindQuery(insert[portionOf(some)], values));
  }
}

/** As many as fit portions of fifty, then one by one: of each statement there are two texts. */
function inPortions<T>(all: readonly T[]): T[][] {
  const whole = all.length - (all.length % ROWS_EACH);
  const portions: T[][] = [];
  for (let at = 0; at < whole; at += ROWS_EACH) portions.push(all.slice(at, at + ROWS_EACH));
  for (const one of all.slice(whole)) portions.push([one]);
  return portions;
}

function portionOf(some: readonly unknown[]): 'one' | 'many' {
  return some.length === 1 ? 'one' : 'many';
}

type Inserts = Record<'one' | 'many', CompiledQuery<unknown>>;
const compiled = new WeakMap<AuditRoom, Map<string, Inserts>>();

/** Texts of statements are made once for each room. */
function insertsOf(
  room: AuditRoom,
  table: string,
  columns: readonly string[],
  tail: RawBuilder<unknown>,
): Inserts {
  const made = compiled.get(room) ?? new Map<string, Inserts>();
  compiled.set(room, made);
  const insert = (rows: number): CompiledQuery<unknown> => {
    const names = sql.join(columns.map((column) => sql.ref(column)));
    const row = sql`(${sql.join(columns.map(() => sql`${null}`))})`;
    const all = sql.join(Array.from({ length: rows }, () => row));
    return sql`INSERT INTO ${sql.table(table)} (${names}) VALUES ${all}${tail}`.compile(
      room.store.read,
    );
  };
  const ready = made.get(table) ?? { one: insert(1), many: insert(ROWS_EACH) };
  made.set(table, ready);
  return ready;
}

/** Resolves with true when this batch began the run. */
async function countRun(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  batch: ImportBatch,
  outcome: ImportOutcome,
): Promise<boolean> {
  const nowMs = room.clock.nowMs();
  const { tenant, run, by, unreadable = 0 } = batch;
  const ended = batch.done === true ? nowMs : null;
  const before = await tx
    .selectFrom('import_run')
    .select('run')
    .where('tenant', '=', tenant)
    .where('run', '=', run)
    .executeTakeFirst();
  const { recorded, known, unmapped, future, truncated } = outcome;
  await tx
    .insertInto('import_run')
    .values({
      ...{ tenant, run, by, started_ms: nowMs, last_ms: nowMs, ended_ms: ended },
      ...{ recorded, known, unmapped, future, truncated, unreadable },
    })
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'run']).doUpdateSet({
        last_ms: nowMs,
        ended_ms: ended,
        recorded: sql`import_run.recorded + ${recorded}`,
        known: sql`import_run.known + ${known}`,
        unmapped: sql`import_run.unmapped + ${unmapped}`,
        future: sql`import_run.future + ${future}`,
        truncated: sql`import_run.truncated + ${truncated}`,
        unreadable: sql`import_run.unreadable + ${unreadable}`,
      }),
    )
    .execute();
  return before === undefined;
}

function gapsOf(
  room: AuditRoom,
  { tenant, unreadable = 0 }: ImportBatch,
  fresh: readonly ImportedRow[],
): CompiledQuery<unknown>[] {
  const bySource = Map.groupBy(fresh, ({ row }) => row.source ?? 'unknown');
  const gaps = [...bySource].flatMap(([id, rows]) => {
    const source = { kind: 'source', id };
    const unmapped = rows.filter(({ mapped }) => !mapped).length;
    const ahead = rows.filter(({ aheadMs }) => aheadMs > 0);
    const mostMs = ahead.reduce((most, { aheadMs }) => Math.max(most, aheadMs), 0);
    return [
      ...(unmapped > 0
        ? [noteGap(room, { tenant, source, reason: 'unmapped', count: unmapped })]
        : []),
      ...(ahead.length > 0
        ? [noteGap(room, { tenant, source, reason: 'clock_skew', count: ahead.length, mostMs })]
        : []),
    ];
  });
  if (unreadable > 0) {
    const source = { kind: 'source', id: 'import' };
    gaps.push(noteGap(room, { tenant, source, reason: 'unreadable', count: unreadable }));
  }
  return gaps;
}

/** One event when a run begins and one when it ends: its batches would be noise. */
async function tellRun(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  { tenant, run, by, request, done }: ImportBatch,
): Promise<void> {
  const sums = await tx
    .selectFrom('import_run')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('run', '=', run)
    .executeTakeFirstOrThrow();
  const { recorded, known, unmapped, future, truncated, unreadable } = sums;
  const event: CountersignEvent = {
    name: 'audit.imported',
    timeMs: room.clock.nowMs(),
    tenant,
    actor: actorOf(by),
    item: { kind: 'import', id: run },
    count: recorded,
    ...(request === undefined ? {} : { request }),
    extra: {
      ...{ state: done === true ? 'ended' : 'begun', known, unmapped },
      ...{ problems: unreadable, future, truncated },
    },
  };
  await tx.executeQuery(room.insert.event(describeEventRow(room, event)));
}

/** `reader ID`, `source ID`, or the name of an operator. */
function actorOf(by: string): ActorFacts {
  const [, kind, id = ''] = /^(reader|source) (.+)$/.exec(by) ?? [];
  if (kind === 'reader') return { kind, id };
  return kind === 'source' ? { kind: 'system', id: by } : { kind: 'operator', id: by };
}
