// Records events that bring no ledger row, alone or inside a caller's transaction.

import type { CountersignEvent } from '@countersign/vocabulary';
import { auditError } from '../audit-error.ts';
import type { AuditRoom } from './audit-room.ts';
import { describeEventRow } from './describe-event-row.ts';
import { describeEventState } from './describe-event-state.ts';
import type { Writing } from './ready-insert.ts';

/** Events one call may bring. */
export const MOST_EVENTS = 1000;

/**
 * @returns the uids of the events, in order, once they are durable (with `tx`: once it commits).
 * @throws CodedError AuditCode or StorageCode
 */
export async function recordEvents(
  room: AuditRoom,
  events: readonly CountersignEvent[],
  tx?: Writing,
): Promise<string[]> {
  if (events.length > MOST_EVENTS) {
    throw auditError('event_too_large', `One call may record ${MOST_EVENTS} events.`);
  }
  const uids: string[] = [];
  const queries = events.flatMap((event) => {
    const row = describeEventRow(room, event);
    uids.push(row.uid);
    const state = describeEventState(room, event);
    return state === undefined ? [room.insert.event(row)] : [room.insert.event(row), state];
  });
  if (tx === undefined) await room.store.write(queries);
  else for (const query of queries) await tx.executeQuery(query);
  return uids;
}
