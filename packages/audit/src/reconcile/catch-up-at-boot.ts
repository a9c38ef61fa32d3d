// Once at boot, before anything is issued: what the last crash cut short. Leaves and signatures at
// the end of log and journal that have no ledger row were being made when the process died; no
// token left the house for them. They are noted, with one informational finding, and if such a
// token is ever used it is a forgery.

import type { Kysely } from 'kysely';
import { describeNumbers, type NumberedItem, toRanges } from '../classify/match-numbers.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { recordEvents } from '../store/record-events.ts';
import type { AuditTables } from '../tables.ts';
import { addKeyUses, describeKeyUses, type KeyUse } from './count-key-uses.ts';
import { type LedgerHeights, readLedgerHeights } from './find-rollback.ts';
import type { FindingDraft } from './finding.ts';
import {
  judgeSignatures,
  MOST_SIGNATURES,
  unissuedSignatures,
  withoutOwnSignatures,
} from './follow-journal.ts';
import { judgeLeaves, MOST_LEAVES, unissuedLeaves, withoutOwnBuilds } from './follow-log.ts';
import { moveCursor, readCursor } from './move-cursor.ts';
import { raiseFinding } from './raise-finding.ts';
import { logSize, type ReconcilerSources } from './sources.ts';

export async function catchUpAtBoot(
  room: AuditRoom,
  sources: ReconcilerSources,
  mostBuildsInFlight: number,
): Promise<void> {
  const cursors = {
    log: await readCursor(room, 'log'),
    journal: await readCursor(room, 'journal'),
  };
  const heights = await readLedgerHeights(room, cursors);
  await catchUpLog(room, sources, cursors.log, heights, mostBuildsInFlight);
  await catchUpJournal(room, sources, cursors.journal, heights, mostBuildsInFlight);
}

async function catchUpLog(
  room: AuditRoom,
  sources: ReconcilerSources,
  from: number,
  heights: LedgerHeights,
  mostInFlight: number,
): Promise<void> {
  const durableSize = await logSize(sources);
  const missing: NumberedItem[] = [];
  const drafts: FindingDraft[] = [];
  let next = from;
  while (next < durableSize) {
    const { entries } = await sources.readEntries(next, Math.min(MOST_LEAVES, durableSize - next));
    if (entries.length === 0) break;
    const judged = await judgeLeaves(room, next, entries);
    missing.push(...judged.missing);
    drafts.push(...judged.drafts);
    next = judged.next;
  }
  if (next === from) return;
  await room.store.transaction(async (tx) => {
    const open = await withoutOwnBuilds(room, tx, missing);
    const { cut, unissued } = splitInFlight(open, heights.log, mostInFlight);
    if (unissued.length > 0) await raiseFinding(room, tx, unissuedLeaves(room, unissued));
    await noteInterrupted(room, tx, 'log', cut);
    for (const draft of drafts) await raiseFinding(room, tx, draft);
    await moveCursor(room, tx, 'log', from, next);
  });
}

async function catchUpJournal(
  room: AuditRoom,
  sources: ReconcilerSources,
  from: number,
  heights: LedgerHeights,
  mostInFlight: number,
): Promise<void> {
  const { lastNumber } = await sources.readJournal(from, 1);
  const missing: NumberedItem[] = [];
  const drafts: FindingDraft[] = [];
  let used: KeyUse[] = [];
  let next = from;
  while (next <= lastNumber) {
    const limit = Math.min(MOST_SIGNATURES, lastNumber - next + 1);
    const { entries } = await sources.readJournal(next, limit);
    if (entries.length === 0) break;
    const judged = await judgeSignatures(room, next, entries);
    missing.push(...judged.missing);
    drafts.push(...judged.drafts);
    used = addKeyUses(used, judged.used);
    next = judged.next;
  }
  if (next === from) return;
  await room.store.transaction(async (tx) => {
    await recordEvents(room, describeKeyUses(used, room.clock.nowMs()), tx);
    const open = await withoutOwnSignatures(room, tx, missing);
    const { cut, unissued } = splitInFlight(open, heights.journal, mostInFlight);
    for (const draft of unissuedSignatures(room, unissued)) await raiseFinding(room, tx, draft);
    await noteInterrupted(room, tx, 'journal', cut);
    for (const draft of drafts) await raiseFinding(room, tx, draft);
    await moveCursor(room, tx, 'journal', from, next);
  });
}

/**
 * Only the last few can have been in the making. What lies far behind the last finished token, or
 * is more than could be in flight at all, was not.
 */
function splitInFlight(
  open: readonly NumberedItem[],
  height: number,
  mostInFlight: number,
): { cut: NumberedItem[]; unissued: NumberedItem[] } {
  const recent = open.filter(({ number }) => number >= height - mostInFlight);
  const cut = new Set(recent.length > mostInFlight ? [] : recent);
  return { cut: [...cut], unissued: open.filter((item) => !cut.has(item)) };
}

async function noteInterrupted(
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
  const place = kind === 'log' ? { logIndex: first.number } : { journalNumber: first.number };
  await raiseFinding(room, tx, {
    verdict: {
      class: 'interrupted',
      reason: kind === 'log' ? 'leaves_cut_by_restart' : 'signatures_cut_by_restart',
      severity: 'info',
      proven: true,
      message: 'The last stop cut token builds short; no token left the house for them.',
    },
    subjectKey: `${kind}:${first.number}`,
    count: numbers.length,
    happenedMs: room.clock.nowMs(),
    token: { kind: 'other', ...place },
    extra: { count: numbers.length, numbers: describeNumbers(numbers) },
  });
}
