// Use reports are kept for their ids (a repeated report must do nothing) and for one-time tokens; the
// event of each use stays. Old ones, once judged, make room.

import type { AuditRoom } from '../store/audit-room.ts';
import { readCursor } from './move-cursor.ts';

export const USES_KEPT_MS = 8 * 86_400_000;
const MOST_SWEPT = 2000;

/** Removes some of the judged reports that are too old to be repeated; true when there may be more. */
export async function sweepUses(room: AuditRoom): Promise<boolean> {
  const cursor = await readCursor(room, 'uses');
  const oldest = await room.store.read
    .selectFrom('use_report')
    .select(['sequence', 'received_ms'])
    .orderBy('sequence')
    .limit(MOST_SWEPT)
    .execute();
  const before = room.clock.nowMs() - USES_KEPT_MS;
  const last = oldest.findLast((row) => row.received_ms < before && row.sequence < cursor);
  if (last === undefined) return false;
  await room.store.transaction((tx) =>
    tx
      .deleteFrom('use_report')
      .where('sequence', '<=', last.sequence)
      .where('received_ms', '<', before)
      .execute(),
  );
  return last === oldest[MOST_SWEPT - 1];
}
