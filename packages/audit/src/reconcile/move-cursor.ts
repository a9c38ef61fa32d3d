// A follower's place in what it follows. It moves in the transaction that holds its findings, and
// only from where the follower believed it was: two reconcilers cannot judge the same thing twice.

import type { Kysely } from 'kysely';
import { auditError } from '../audit-error.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import type { AuditTables } from '../tables.ts';

export type FollowerName =
  | 'log'
  | `log:${number}`
  | 'journal'
  | `journal:${number}`
  | 'uses'
  /** Stands where the journal was when the tally of each key began. */
  | 'tally';

export async function readCursor(room: AuditRoom, name: FollowerName): Promise<number> {
  const row = await room.store.read
    .selectFrom('follower_cursor')
    .select('position')
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  return row.position;
}

/** @throws CodedError `reconciler_overtaken` */
export async function moveCursor(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  name: FollowerName,
  from: number,
  to: number,
): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('follower_cursor')
    .set({ position: to, updated_ms: room.clock.nowMs() })
    .where('name', '=', name)
    .where('position', '=', from)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows !== 1n) {
    throw auditError('reconciler_overtaken', 'Another reconciler works on this store.');
  }
}
