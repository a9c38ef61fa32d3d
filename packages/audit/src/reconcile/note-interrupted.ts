// What a crash cut short: leaves and signatures near the last finished token that have no ledger row
// and were being made when the process died. No token left the house for them.

import type { Kysely } from 'kysely';
import { describeNumbers, type NumberedItem, toRanges } from '../classify/match-numbers.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { indexOf } from '../store/numbered-places.ts';
import type { AuditTables } from '../tables.ts';
import { raiseFinding } from './raise-finding.ts';

/**
 * Only those near the last finished token can have been in the making. What lies far from it, or is
 * more than could be in flight at all, was not.
 */
export function splitInFlight(
  open: readonly NumberedItem[],
  height: number,
  mostInFlight: number,
  below = Number.POSITIVE_INFINITY,
): { cut: NumberedItem[]; unissued: NumberedItem[] } {
  const recent = open.filter(({ number }) => number >= height - mostInFlight && number < below);
  const cut = new Set(recent.length > mostInFlight ? [] : recent);
  return { cut: [...cut], unissued: open.filter((item) => !cut.has(item)) };
}

export async function noteInterrupted(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  kind: 'log' | 'journal',
  cut: readonly NumberedItem[],
): Promise<void> {
  const [first] = cut;
  if (first === undefined) return;
  const numbers = cut.map(({ number }) => number);
  for (const range of toRanges(numbers)) {
    await tx
      .insertInto('interrupted_range')
      .values({
        kind,
        first_number: range.first,
        last_number: range.last,
        recorded_ms: room.clock.nowMs(),
      })
      .execute();
  }
  const isLog = kind === 'log';
  await raiseFinding(room, tx, {
    verdict: {
      class: 'interrupted',
      reason: isLog ? 'leaves_cut_by_restart' : 'signatures_cut_by_restart',
      severity: 'info',
      proven: true,
      message: 'The last stop cut token builds short; no token left the house for them.',
    },
    subjectKey: `${kind}:${first.number}`,
    count: numbers.length,
    happenedMs: room.clock.nowMs(),
    token: {
      kind: 'other',
      ...(isLog ? room.logs : room.signers).describe(first.number),
    },
    extra: {
      count: numbers.length,
      numbers: describeNumbers(numbers.map(indexOf)),
    },
  });
}
