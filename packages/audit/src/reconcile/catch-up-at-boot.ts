// Once at boot, before anything is issued: what the last crash cut short. Leaves and signatures at
// the end of log and journal that have no ledger row were being made when the process died; no
// token left the house for them. They are noted, with one informational finding, and if such a
// token is ever used it is a forgery.

import type { NumberedItem } from '../classify/match-numbers.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { indexOf } from '../store/numbered-places.ts';
import type { CrashExcuse } from './excuse-crashes.ts';
import { readHeight } from './find-rollback.ts';
import type { FindingDraft } from './finding.ts';
import {
  type JudgedSignatures,
  joinSignatures,
  judgeSignatures,
  MOST_SIGNATURES,
  settleSignatures,
} from './follow-journal.ts';
import { judgeLeaves, MOST_LEAVES, unissuedLeaves, withoutOwnBuilds } from './follow-log.ts';
import { moveCursor, readCursor } from './move-cursor.ts';
import { noteInterrupted, splitInFlight } from './note-interrupted.ts';
import { raiseFinding } from './raise-finding.ts';
import {
  endOf,
  type FollowedJournal,
  type FollowedLog,
  type ReconcilerSources,
} from './sources.ts';

/** @throws whatever the log or the signer threw; nothing is judged then */
export async function catchUpLog(
  room: AuditRoom,
  log: FollowedLog,
  mostInFlight: number,
  sources: Pick<ReconcilerSources, 'listOwnKeys' | 'anchors'>,
): Promise<void> {
  const from = await readCursor(room, log.cursor);
  const height = await readHeight(room, log, from);
  const end = await endOf(log, from);
  const missing: NumberedItem[] = [];
  const drafts: FindingDraft[] = [];
  let next = from;
  while (next < end) {
    const limit = Math.min(MOST_LEAVES, end - next);
    const { entries } = await log.source.readEntries(indexOf(next), limit);
    if (entries.length === 0) break;
    const judged = await judgeLeaves(room, next, entries, sources);
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

/** The same of a signer's journal. @throws whatever the signer threw; nothing is judged then */
export async function catchUpJournal(
  room: AuditRoom,
  journal: FollowedJournal,
  mostInFlight: number,
): Promise<void> {
  const from = await readCursor(room, journal.cursor);
  const height = await readHeight(room, journal, from);
  const end = await endOf(journal, from);
  let judged: JudgedSignatures | undefined;
  for (let next = from; next < end; next = judged.next) {
    const limit = Math.min(MOST_SIGNATURES, end - next);
    const { entries } = await journal.source.readJournal(indexOf(next), limit);
    if (entries.length === 0) break;
    judged = joinSignatures(judged, await judgeSignatures(room, journal, next, entries));
  }
  if (judged === undefined) return;
  const excuse: CrashExcuse = { height, mostInFlight, below: Number.POSITIVE_INFINITY };
  await settleSignatures(room, journal, from, judged, excuse);
}
