// Once at boot, before anything is issued: what the last crash cut short. Leaves and signatures at
// the end of log and journal that have no ledger row were being made when the process died; no
// token left the house for them. They are noted, with one informational finding, and if such a
// token is ever used it is a forgery.

import type { NumberedItem } from '../classify/match-numbers.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { indexOf } from '../store/log-places.ts';
import { recordEvents } from '../store/record-events.ts';
import { addKeyUses, describeKeyUses, type KeyUse } from './count-key-uses.ts';
import { readJournalHeight, readLogHeight } from './find-rollback.ts';
import type { FindingDraft } from './finding.ts';
import {
  judgeSignatures,
  MOST_SIGNATURES,
  unissuedSignatures,
  withoutOwnSignatures,
} from './follow-journal.ts';
import { judgeLeaves, MOST_LEAVES, unissuedLeaves, withoutOwnBuilds } from './follow-log.ts';
import { moveCursor, readCursor } from './move-cursor.ts';
import { noteInterrupted, splitInFlight } from './note-interrupted.ts';
import { raiseFinding } from './raise-finding.ts';
import { type FollowedLog, logSize, type ReconcilerSources } from './sources.ts';

/** @throws whatever the log or the signer threw; nothing is judged then */
export async function catchUpLog(
  room: AuditRoom,
  log: FollowedLog,
  mostInFlight: number,
  signer: Pick<ReconcilerSources, 'listOwnKeys'>,
): Promise<void> {
  const from = await readCursor(room, log.cursor);
  const height = await readLogHeight(room, log, from);
  const end = log.firstPlace + (await logSize(log.source));
  const missing: NumberedItem[] = [];
  const drafts: FindingDraft[] = [];
  let next = from;
  while (next < end) {
    const limit = Math.min(MOST_LEAVES, end - next);
    const { entries } = await log.source.readEntries(indexOf(next), limit);
    if (entries.length === 0) break;
    const judged = await judgeLeaves(room, next, entries, signer);
    missing.push(...judged.missing);
    drafts.push(...judged.drafts);
    next = judged.next;
  }
  if (next === from) return;
  await room.store.transaction(async (tx) => {
    const open = await withoutOwnBuilds(room, tx, missing);
    const { cut, unissued } = splitInFlight(open, height, mostInFlight);
    if (unissued.length > 0) await raiseFinding(room, tx, unissuedLeaves(room, unissued));
    await noteInterrupted(room, tx, 'log', cut);
    for (const draft of drafts) await raiseFinding(room, tx, draft);
    await moveCursor(room, tx, log.cursor, from, next);
  });
}

export async function catchUpJournal(
  room: AuditRoom,
  sources: ReconcilerSources,
  mostInFlight: number,
): Promise<void> {
  const from = await readCursor(room, 'journal');
  const height = await readJournalHeight(room, from);
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
    const { cut, unissued } = splitInFlight(open, height, mostInFlight);
    for (const draft of unissuedSignatures(room, unissued)) await raiseFinding(room, tx, draft);
    await noteInterrupted(room, tx, 'journal', cut);
    for (const draft of drafts) await raiseFinding(room, tx, draft);
    await moveCursor(room, tx, 'journal', from, next);
  });
}
