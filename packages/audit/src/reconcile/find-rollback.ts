// A log or journal that is shorter than what the ledger has already seen of it was cut or replaced.

import type { AuditRoom } from '../store/audit-room.ts';
import { indexOf, PLACES_EACH } from '../store/numbered-places.ts';
import type { FindingDraft } from './finding.ts';
import type { Followed } from './sources.ts';

/**
 * One past the highest place of any ledger row of that log or journal, or past the last one judged.
 * Must be read before the log or journal is asked for its size.
 */
export async function readHeight(
  room: AuditRoom,
  { kind, firstPlace }: Followed,
  cursor: number,
): Promise<number> {
  const column = kind === 'log' ? 'log_index' : 'journal_number';
  const { highest } = await room.store.read
    .selectFrom('issued_token')
    .select(({ fn }) => fn.max<number | null>(column).as('highest'))
    .where(column, '>=', firstPlace)
    .where(column, '<', firstPlace + PLACES_EACH)
    .executeTakeFirstOrThrow();
  return Math.max(cursor, (highest ?? -1) + 1);
}

/** @param end one past the highest place that there is */
export function rolledBack(
  room: AuditRoom,
  { kind }: Followed,
  height: number,
  end: number,
): FindingDraft | undefined {
  if (end >= height) return undefined;
  // A log is described by its size, a journal by its last number.
  const lastOf = (place: number): number => (kind === 'log' ? place : place - 1);
  return {
    verdict: {
      class: 'forked',
      reason: `${kind}_rolled_back`,
      severity: 'critical',
      proven: true,
      message: `The ${kind} is shorter than what it already promised.`,
    },
    subjectKey: `${kind}_rolled_back:${lastOf(height)}`,
    count: 1,
    happenedMs: room.clock.nowMs(),
    // Of several, which: by the first entry that is gone.
    token: { kind: 'other', ...(kind === 'log' ? room.logs : room.signers).describe(end) },
    extra: { expectedAtLeast: indexOf(lastOf(height)), found: indexOf(lastOf(end)) },
  };
}
