// What a batch of use reports says about what is not in it: reports the verifier lost or was told to
// put off, reports that come late, a clock that is wrong, uses that are not the reporter's to tell.

import { type CompiledQuery, sql } from 'kysely';
import type { AuditRoom } from '../store/audit-room.ts';
import { describeEventRow } from '../store/describe-event-row.ts';
import type { Reporter } from '../uses/own-uses.ts';
import type { UseBatch, UseReport } from '../uses/use-batch.ts';
import type { Gap, GapReason } from './gap.ts';
import { noteGap } from './note-gap.ts';

/** A verifier sends within a second, and tries again within a minute. */
const LATE_MS = 300_000;
/** Clocks of servers agree within a second; a minute is a mistake. */
const WRONG_CLOCK_MS = 60_000;
/** Processes of one reporter that are remembered; one more takes the place of the oldest. */
const MOST_RUNS = 64;
/** Different versions of one reporter that are told of. */
const MOST_VERSIONS = 100;

export interface TakenBatch {
  reporter: Reporter;
  batch: UseBatch;
  receivedMs: number;
  /** Uses that are recorded. */
  taken: readonly UseReport[];
  leftOut: number;
  /** Evidence that was not kept, because too much waits. */
  unheard: number;
}

/** Queries for the transaction that records the batch. */
export async function noteReportGaps(
  room: AuditRoom,
  given: TakenBatch,
): Promise<CompiledQuery<unknown>[]> {
  const { batch, leftOut, unheard } = given;
  const gaps: CompiledQuery<unknown>[] = [];
  const note = (reason: GapReason, count: number, more: Partial<Gap> = {}): void => {
    if (count > 0) gaps.push(noteGap(room, { ...sourceOf(given), reason, count, ...more }));
  };
  const lost = await readLosses(room, given);
  note('dropped', lost.dropped);
  note('throttled', lost.throttled + unheard);
  note('left_out', leftOut);
  noteTimes(given, note);
  return [...gaps, ...lost.keep, ...(await noteVersion(room, given, batch.verifier))];
}

function sourceOf({ reporter, batch }: TakenBatch): Pick<Gap, 'tenant' | 'source'> {
  return {
    tenant: reporter.tenant,
    source: { kind: 'reporter', id: reporter.id, name: batch.verifier.name },
  };
}

/** How far off the clock is can only be told from when the batch was sent, not from when a use was. */
function noteTimes(
  { batch, receivedMs, taken }: TakenBatch,
  note: (reason: GapReason, count: number, more: Partial<Gap>) => void,
): void {
  const times = taken.map(({ atMs }) => atMs);
  if (times.length === 0) return;
  const [firstMs, lastMs] = [Math.min(...times), Math.max(...times)];
  const sentMs = batch.sentMs ?? receivedMs;
  const offMs = Math.max(Math.abs(sentMs - receivedMs), lastMs - sentMs);
  if (offMs > WRONG_CLOCK_MS) note('clock_skew', times.length, { firstMs, lastMs, mostMs: offMs });
  const late = times.filter((atMs) => sentMs - atMs > LATE_MS);
  if (late.length > 0) {
    const lateLastMs = Math.max(...late);
    note('late', late.length, { firstMs, lastMs: lateLastMs, mostMs: sentMs - firstMs });
  }
}

interface Losses {
  dropped: number;
  throttled: number;
  keep: CompiledQuery<unknown>[];
}

/** What the run lost since it was last heard of. */
async function readLosses(
  room: AuditRoom,
  { reporter, batch, receivedMs }: TakenBatch,
): Promise<Losses> {
  const { counts } = batch;
  if (counts === undefined || counts.dropped + counts.throttled === 0) {
    return { dropped: 0, throttled: 0, keep: [] };
  }
  const { run } = counts;
  const before = await room.store.read
    .selectFrom('reporter_run')
    .selectAll()
    .where('reporter_id', '=', reporter.id)
    .where('run', '=', run)
    .executeTakeFirst();
  const dropped = Math.max(0, counts.dropped - (before?.dropped ?? 0));
  const throttled = Math.max(0, counts.throttled - (before?.throttled ?? 0));
  if (dropped + throttled === 0) return { dropped, throttled, keep: [] };
  const db = room.store.read;
  const keep = [
    sql`INSERT INTO reporter_run (reporter_id, run, dropped, throttled, seen_ms)
      VALUES (${reporter.id}, ${run}, ${counts.dropped}, ${counts.throttled}, ${receivedMs})
      ON CONFLICT (reporter_id, run) DO UPDATE SET dropped = max(dropped, excluded.dropped),
        throttled = max(throttled, excluded.throttled), seen_ms = excluded.seen_ms`.compile(db),
    sql`DELETE FROM reporter_run WHERE reporter_id = ${reporter.id} AND run NOT IN (
      SELECT run FROM reporter_run WHERE reporter_id = ${reporter.id}
      ORDER BY seen_ms DESC, run LIMIT ${MOST_RUNS})`.compile(db),
  ];
  return { dropped, throttled, keep };
}

/** A version that was not heard of before is an event of its own. */
async function noteVersion(
  room: AuditRoom,
  { reporter }: TakenBatch,
  { name, version }: UseBatch['verifier'],
): Promise<CompiledQuery<unknown>[]> {
  const key = JSON.stringify([reporter.id, name, version]);
  if (room.versions.has(key)) return [];
  const known = await room.store.read
    .selectFrom('reporter_version')
    .select(['name', 'version'])
    .where('reporter_id', '=', reporter.id)
    .orderBy('first_ms', 'desc')
    .limit(MOST_VERSIONS)
    .execute();
  // Asked again: another batch may have been quicker while this one read.
  if (known.length >= MOST_VERSIONS || room.versions.has(key)) return [];
  room.versions.add(key);
  if (known.some((one) => one.name === name && one.version === version)) return [];
  const nowMs = room.clock.nowMs();
  const before = known.find((one) => one.name === name)?.version;
  const event = describeEventRow(room, {
    name: 'verifier.version',
    timeMs: nowMs,
    tenant: reporter.tenant,
    item: { kind: 'reporter', id: reporter.id, name },
    verifier: { name, version },
    change: {
      ...(before === undefined ? {} : { before: { version: before } }),
      after: { version },
    },
  });
  const row = sql`INSERT INTO reporter_version (reporter_id, name, version, first_ms)
    VALUES (${reporter.id}, ${name}, ${version}, ${nowMs}) ON CONFLICT DO NOTHING`;
  return [room.insert.event(event), row.compile(room.store.read)];
}
