// Writes a finding inside the transaction that moves the cursor: a new one becomes an event (and a
// proven forgery quarantines its key), a known one is counted. So it is raised once, whatever
// crashes and however often the same token comes.

import { type CountersignEvent, parseRealmId } from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import { EVENT_OF_CLASS } from '../classify/verdict.ts';
import { optionalHashBytes } from '../hex-bytes.ts';
import { quarantine } from '../revoke/quarantine-key.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { describeEventRow } from '../store/describe-event-row.ts';
import { placeOfToken } from '../store/log-places.ts';
import type { AuditTables } from '../tables.ts';
import { type FindingDraft, secondsBetween } from './finding.ts';

/**
 * What, once proven, ends a key: our key signed what we never issued, or a key that is none of ours
 * stands in the log under our name.
 */
const QUARANTINING: ReadonlySet<string> = new Set([
  'signed_but_not_issued',
  'key_logged_but_not_ours',
]);

/**
 * Rogue keys in the feed. Verifiers take 10,000 keys and refuse a longer feed: whoever can write to one
 * log must not be able to stop them all, nor leave no room for keys of ours that were misused.
 */
const MOST_ROGUE = 5_000;

export async function raiseFinding(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  draft: FindingDraft,
): Promise<void> {
  const nowMs = room.clock.nowMs();
  const known = await tx
    .selectFrom('finding')
    .select(['uid', 'proven'])
    .where('class', '=', draft.verdict.class)
    .where('subject_key', '=', draft.subjectKey)
    .executeTakeFirst();
  if (known === undefined) {
    await insertFinding(room, tx, draft, nowMs);
    return;
  }
  await tx
    .updateTable('finding')
    .set(({ eb }) => ({ count: eb('count', '+', draft.count), last_seen_ms: nowMs }))
    .where('uid', '=', known.uid)
    .execute();
  if (known.proven === 0 && draft.verdict.proven) await proveFinding(room, tx, draft, known.uid);
}

/** The same for what stays as it is and is seen again and again: only the first time counts. */
export async function raiseNewFinding(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  draft: FindingDraft,
): Promise<void> {
  const known = await tx
    .selectFrom('finding')
    .select('uid')
    .where('class', '=', draft.verdict.class)
    .where('subject_key', '=', draft.subjectKey)
    .executeTakeFirst();
  if (known === undefined) await insertFinding(room, tx, draft, room.clock.nowMs());
}

async function insertFinding(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  draft: FindingDraft,
  nowMs: number,
): Promise<void> {
  const { verdict, token } = draft;
  const uid = room.uids.next(nowMs);
  const eventUid = await writeEvent(room, tx, draft, nowMs);
  await tx
    .insertInto('finding')
    .values({
      uid,
      class: verdict.class,
      subject_key: draft.subjectKey,
      realm: draft.realm ?? null,
      tenant: draft.tenant ?? (draft.realm === undefined ? null : parseRealmId(draft.realm).tenant),
      severity: verdict.severity,
      proven: verdict.proven ? 1 : 0,
      reason: verdict.reason,
      message: verdict.message,
      token_hash: optionalHashBytes(token?.tokenHash),
      issuer: token?.issuer ?? null,
      kid: token?.kid ?? null,
      log_index: placeOfToken(room.logs, token),
      reporter_id: draft.reporterId ?? null,
      happened_ms: draft.happenedMs,
      raised_ms: nowMs,
      last_seen_ms: nowMs,
      count: draft.count,
      event_uid: eventUid,
      notified_ms: null,
    })
    .execute();
  await quarantineKeys(room, tx, draft, uid, eventUid);
}

/** What was a reporter's word is now proven: the alarm is raised again, as what it is. */
async function proveFinding(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  draft: FindingDraft,
  uid: string,
): Promise<void> {
  const { verdict, token } = draft;
  const nowMs = room.clock.nowMs();
  const eventUid = await writeEvent(room, tx, draft, nowMs);
  await tx
    .updateTable('finding')
    .set({
      proven: 1,
      severity: verdict.severity,
      reason: verdict.reason,
      message: verdict.message,
      issuer: token?.issuer ?? null,
      kid: token?.kid ?? null,
      event_uid: eventUid,
      notified_ms: null,
    })
    .where('uid', '=', uid)
    .execute();
  await quarantineKeys(room, tx, draft, uid, eventUid);
}

async function writeEvent(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  draft: FindingDraft,
  nowMs: number,
): Promise<string> {
  const { verdict } = draft;
  const event: CountersignEvent = {
    name: EVENT_OF_CLASS[verdict.class],
    timeMs: nowMs,
    severity: verdict.severity,
    reason: verdict.reason,
    message: verdict.message,
    extra: {
      ...draft.extra,
      proven: verdict.proven,
      secondsToAlarm: secondsBetween(draft.happenedMs, nowMs),
      ...(draft.reporterId === undefined ? {} : { reporter: draft.reporterId }),
    },
    ...(draft.realm === undefined ? {} : { realm: draft.realm }),
    ...(draft.token === undefined ? {} : { token: draft.token }),
    ...(draft.causedBy === undefined ? {} : { causedBy: draft.causedBy }),
    ...(draft.verifier === undefined ? {} : { verifier: draft.verifier }),
  };
  const row = describeEventRow(room, event, {
    ...(draft.tenant === undefined ? {} : { tenant: draft.tenant }),
    ...(verdict.class === 'forged' ? { ledgerMatch: false } : {}),
  });
  await tx.executeQuery(room.insert.event(row));
  return row.uid;
}

async function quarantineKeys(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  draft: FindingDraft,
  findingUid: string,
  causedBy: string,
): Promise<void> {
  const { verdict, token, moreKeys = [] } = draft;
  if (!QUARANTINING.has(verdict.reason) || !verdict.proven) return;
  const { issuer, kid } = token ?? {};
  const own = issuer === undefined || kid === undefined ? [] : [{ issuer, kid }];
  const keys = [...own, ...moreKeys];
  const most = verdict.class === 'rogue' ? await roomForRogues(tx) : keys.length;
  const cause = { code: EVENT_OF_CLASS[verdict.class], finding: findingUid, causedBy };
  for (const key of keys.slice(0, most)) {
    await quarantine(room, tx, key, { ...cause, realm: draft.realm });
  }
}

async function roomForRogues(tx: Kysely<AuditTables>): Promise<number> {
  const { rogues } = await tx
    .selectFrom('quarantined_key')
    .select(({ fn }) => fn.countAll<number>().as('rogues'))
    .where('reason', '=', EVENT_OF_CLASS.rogue)
    .executeTakeFirstOrThrow();
  return Math.max(0, MOST_ROGUE - Number(rogues));
}
