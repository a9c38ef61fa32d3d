// Hands each durable finding to `onFinding`, at least once: what a crash kept from being told is
// told after the next start.

import type { AuditRoom } from '../store/audit-room.ts';
import { type Finding, findingOf } from './finding.ts';
import type { ReconcilerSources } from './sources.ts';

const MOST_AT_ONCE = 500;

/**
 * Adds each finding that was passed on to `told`; resolves with the errors of those that were not,
 * which are tried again next time.
 */
export async function notifyFindings(
  room: AuditRoom,
  onFinding: ReconcilerSources['onFinding'],
  told: Finding[],
): Promise<unknown[]> {
  const rows = await room.store.read
    .selectFrom('finding')
    .selectAll()
    .where('notified_ms', 'is', null)
    .orderBy('raised_ms')
    .limit(MOST_AT_ONCE)
    .execute();
  const troubles: unknown[] = [];
  for (const finding of rows.map((row) => findingOf(room.logs, row))) {
    try {
      await onFinding(finding);
      await markTold(room, finding);
      told.push(finding);
    } catch (error) {
      troubles.push(error);
    }
  }
  return troubles;
}

async function markTold(room: AuditRoom, finding: Finding): Promise<void> {
  await room.store.transaction((tx) =>
    tx
      .updateTable('finding')
      .set({ notified_ms: room.clock.nowMs() })
      .where('uid', '=', finding.uid)
      .where('event_uid', '=', finding.eventUid)
      .execute(),
  );
}
