// Hands each durable finding to `onFinding`, at least once: what a crash kept from being told is
// told after the next start.

import type { AuditRoom } from '../store/audit-room.ts';
import { type Finding, findingOf } from './finding.ts';
import type { ReconcilerSources } from './sources.ts';

const MOST_AT_ONCE = 500;

export async function notifyFindings(
  room: AuditRoom,
  onFinding: ReconcilerSources['onFinding'],
): Promise<Finding[]> {
  const rows = await room.store.read
    .selectFrom('finding')
    .selectAll()
    .where('notified_ms', 'is', null)
    .orderBy('raised_ms')
    .limit(MOST_AT_ONCE)
    .execute();
  const findings = rows.map(findingOf);
  for (const finding of findings) {
    await onFinding(finding);
    await room.store.transaction((tx) =>
      tx
        .updateTable('finding')
        .set({ notified_ms: room.clock.nowMs() })
        .where('uid', '=', finding.uid)
        .where('event_uid', '=', finding.eventUid)
        .execute(),
    );
  }
  return findings;
}
