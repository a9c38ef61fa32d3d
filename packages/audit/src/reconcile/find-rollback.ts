// A log or journal that is shorter than what the ledger has already seen of it was cut or replaced.

import type { AuditRoom } from '../store/audit-room.ts';
import type { FindingDraft } from './finding.ts';

export interface LedgerHeights {
  /** One past the highest log index of any ledger row, or past the last one judged. */
  log: number;
  /** The highest journal number of any ledger row, or the last one judged. */
  journal: number;
}

/** Must be read before log and journal are asked for their sizes. */
export async function readLedgerHeights(
  room: AuditRoom,
  cursors: { log: number; journal: number },
): Promise<LedgerHeights> {
  const highest = await room.store.read
    .selectFrom('issued_token')
    .select(({ fn }) => [
      fn.max<number | null>('log_index').as('log'),
      fn.max<number | null>('journal_number').as('journal'),
    ])
    .executeTakeFirstOrThrow();
  return {
    log: Math.max(cursors.log, (highest.log ?? -1) + 1),
    journal: Math.max(cursors.journal - 1, highest.journal ?? 0),
  };
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
    extra: { expectedAtLeast: height, found: size },
  };
}
