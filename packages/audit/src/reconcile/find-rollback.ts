// A log or journal that is shorter than what the ledger has already seen of it was cut or replaced.

import type { AuditRoom } from '../store/audit-room.ts';
import { indexOf, PLACES_PER_LOG } from '../store/log-places.ts';
import type { FindingDraft } from './finding.ts';
import type { FollowedLog } from './sources.ts';

/**
 * One past the highest place of any ledger row of that log, or past the last one judged. Must be
 * read before the log is asked for its size.
 */
export async function readLogHeight(
  room: AuditRoom,
  log: FollowedLog,
  cursor: number,
): Promise<number> {
  const { highest } = await room.store.read
    .selectFrom('issued_token')
    .select(({ fn }) => fn.max<number | null>('log_index').as('highest'))
    .where('log_index', '>=', log.firstPlace)
    .where('log_index', '<', log.firstPlace + PLACES_PER_LOG)
    .executeTakeFirstOrThrow();
  return Math.max(cursor, (highest ?? -1) + 1);
}

/** The highest journal number of any ledger row, or the last one judged. Read before the journal. */
export async function readJournalHeight(room: AuditRoom, cursor: number): Promise<number> {
  const { highest } = await room.store.read
    .selectFrom('issued_token')
    .select(({ fn }) => fn.max<number | null>('journal_number').as('highest'))
    .executeTakeFirstOrThrow();
  return Math.max(cursor - 1, highest ?? 0);
}

export function rolledBack(
  room: AuditRoom,
  what: 'log' | 'journal',
  height: number,
  size: number,
): FindingDraft | undefined {
  if (size >= height) return undefined;
  return {
    verdict: {
      class: 'forked',
      reason: `${what}_rolled_back`,
      severity: 'critical',
      proven: true,
      message: `The ${what} is shorter than what it already promised.`,
    },
    subjectKey: `${what}_rolled_back:${height}`,
    count: 1,
    happenedMs: room.clock.nowMs(),
    // Of several logs, which: by the first leaf that is gone.
    ...(what === 'log' ? { token: { kind: 'other', ...room.logs.describe(size) } } : {}),
    extra: { expectedAtLeast: indexOf(height), found: indexOf(size) },
  };
}
