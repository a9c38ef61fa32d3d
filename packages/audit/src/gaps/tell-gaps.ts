// Tells noticed gaps: `log.gap`, one event for each source and reason and window. The first of a
// series comes soon, for somebody may be reading; while it goes on, one comes every five minutes.

import type { CountersignEvent } from '@countersign/vocabulary';
import type { AuditRoom } from '../store/audit-room.ts';
import { recordEvents } from '../store/record-events.ts';
import { describeGapInWords } from './describe-gap.ts';
import type { GapRow } from './gap-tables.ts';

/** Long enough that what is noticed together is told together. */
const FIRST_WAIT_MS = 5_000;
export const GAP_WINDOW_MS = 300_000;
const MOST_AT_ONCE = 200;
/** A source's clock may be this far off before we date the event ourselves: as for uses. */
const LONGEST_PAST_MS = 7 * 86_400_000;
const LONGEST_FUTURE_MS = 300_000;

/** Resolves with the number of events. @throws CodedError StorageCode */
export async function tellGaps(room: AuditRoom): Promise<number> {
  const nowMs = room.clock.nowMs();
  // Looked for outside a transaction first: nearly always there is nothing.
  if ((await findDue(room.store.read, nowMs)).length === 0) return 0;
  return room.store.transaction(async (tx) => {
    const due = await findDue(tx, nowMs);
    await recordEvents(
      room,
      due.map((row) => describeGap(row, nowMs)),
      tx,
    );
    for (const { tenant, source_kind, source_id, reason } of due) {
      await tx
        .updateTable('gap')
        .set({ count: 0, noticed: 0, most_ms: 0, last_ms: 0, told_ms: nowMs })
        .where('tenant', '=', tenant)
        .where('source_kind', '=', source_kind)
        .where('source_id', '=', source_id)
        .where('reason', '=', reason)
        .execute();
    }
    return due.length;
  });
}

function findDue(db: AuditRoom['store']['read'], nowMs: number): Promise<GapRow[]> {
  return (
    db
      .selectFrom('gap')
      .selectAll()
      .where('noticed', '>', 0)
      // What lies ahead was written by a clock that was wrong: waiting for it could take years.
      .where((row) =>
        row.or([row('since_ms', '<=', nowMs - FIRST_WAIT_MS), row('since_ms', '>', nowMs)]),
      )
      .where((row) =>
        row.or([row('told_ms', '<=', nowMs - GAP_WINDOW_MS), row('told_ms', '>', nowMs)]),
      )
      .orderBy('since_ms')
      .limit(MOST_AT_ONCE)
      .execute()
  );
}

/**
 * Dated when the last of it was noticed, so that it stands beside what it is about; by our clock when
 * the source's says what cannot be, or it would stay on top of every list for ever.
 */
function describeGap(row: GapRow, nowMs: number): CountersignEvent {
  const sane = row.last_ms > nowMs - LONGEST_PAST_MS && row.last_ms < nowMs + LONGEST_FUTURE_MS;
  const { source_kind: kind, source_id: id, source_name: name } = row;
  return {
    name: 'log.gap',
    timeMs: sane ? row.last_ms : nowMs,
    ...(row.tenant === '' ? {} : { tenant: row.tenant }),
    item: { kind, id, ...(name === null ? {} : { name }) },
    reason: row.reason,
    message: describeGapInWords(row),
    count: row.count,
    extra: {
      firstMs: row.first_ms,
      lastMs: row.last_ms,
      times: row.noticed,
      ...(row.most_ms > 0 ? { mostMs: row.most_ms } : {}),
    },
  };
}
