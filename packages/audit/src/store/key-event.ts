// The life of our keys, as the log has it. An event is announced here before the log is asked, so
// that its leaf is known to be ours whatever crash comes between; it counts once the log answered.

import type { KeyEvent } from '@countersign/verifier';
import type { CountersignEvent, RealmId } from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import { auditError } from '../audit-error.ts';
import { hashBytes } from '../hex-bytes.ts';
import type { AuditTables } from '../tables.ts';
import type { AuditRoom } from './audit-room.ts';
import { describeEventRow } from './describe-event-row.ts';
import type { LogPlace } from './log-places.ts';

/** What an event is about; the same four and the same event are one fact, however often logged. */
export interface KeyFact {
  event: KeyEvent;
  issuer: string;
  kid: string;
  /** base64url SHA-256 thumbprint (RFC 7638). */
  thumbprint: string;
  notAfterSeconds: number;
}

export interface AnnouncedKeyEvent extends KeyFact {
  realm: RealmId;
  alg: string;
  atMs: number;
  /** Lower-case hex: hash of the entry that the log is about to be asked for. */
  leafHash: string;
}

export interface SettledKeyEvent extends LogPlace {
  receipt: Uint8Array;
}

/** Durable when it resolves. @throws CodedError StorageCode */
export async function announceKeyEvent(
  room: AuditRoom,
  announced: AnnouncedKeyEvent,
): Promise<void> {
  await room.store.transaction((tx) =>
    tx
      .insertInto('key_event')
      .values({
        leaf_hash: hashBytes(announced.leafHash),
        realm: announced.realm,
        issuer: announced.issuer,
        kid: announced.kid,
        event: announced.event,
        at_ms: announced.atMs,
        not_after_seconds: announced.notAfterSeconds,
        thumbprint: thumbprintBytes(announced.thumbprint),
        log_index: null,
        receipt: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
  );
}

/**
 * Enters the log's answer with the event `key.*`. Resolves with what counts: when the same fact was
 * logged twice, the answer that came first.
 * @throws CodedError StorageCode; `issued_malformed` for an event that was not announced
 */
export async function settleKeyEvent(
  room: AuditRoom,
  announced: AnnouncedKeyEvent,
  answer: SettledKeyEvent,
): Promise<SettledKeyEvent> {
  return room.store.transaction(async (tx) => {
    const known = await findSettled(room, tx, announced);
    if (known !== undefined) return known;
    const place = room.logs.placeOf(answer);
    if (place === undefined) {
      throw auditError('issued_malformed', 'The key event is in a log that is none of ours.');
    }
    const { numUpdatedRows } = await tx
      .updateTable('key_event')
      .set({ log_index: place, receipt: answer.receipt })
      .where('leaf_hash', '=', hashBytes(announced.leafHash))
      .executeTakeFirstOrThrow();
    if (numUpdatedRows !== 1n) {
      throw auditError('issued_malformed', 'A key event is announced before the log is asked.');
    }
    const event = describeKeyEvent(announced, room.logs.describe(place));
    await tx.executeQuery(room.insert.event(describeEventRow(room, event)));
    return answer;
  });
}

/** Undefined until the log has answered. */
export function findKeyEvent(room: AuditRoom, fact: KeyFact): Promise<SettledKeyEvent | undefined> {
  return findSettled(room, room.store.read, fact);
}

async function findSettled(
  room: AuditRoom,
  db: Kysely<AuditTables>,
  fact: KeyFact,
): Promise<SettledKeyEvent | undefined> {
  const row = await db
    .selectFrom('key_event')
    .select(['log_index', 'receipt'])
    .where('issuer', '=', fact.issuer)
    .where('kid', '=', fact.kid)
    .where('event', '=', fact.event)
    .where('thumbprint', '=', thumbprintBytes(fact.thumbprint))
    .where('not_after_seconds', '=', fact.notAfterSeconds)
    .where('receipt', 'is not', null)
    .executeTakeFirst();
  if (row === undefined || row.log_index === null || row.receipt === null) return undefined;
  return { ...room.logs.describe(row.log_index), receipt: Uint8Array.from(row.receipt) };
}

function describeKeyEvent(announced: AnnouncedKeyEvent, place: LogPlace): CountersignEvent {
  const { event, realm, kid, alg, issuer, atMs, notAfterSeconds, thumbprint, leafHash } = announced;
  return {
    name: `key.${event}`,
    timeMs: atMs,
    realm,
    token: { kind: 'other', kid, alg, issuer, expiresAtSeconds: notAfterSeconds, ...place },
    extra: { thumbprint, leafHash },
  };
}

/** @throws CodedError `issued_malformed` */
function thumbprintBytes(thumbprint: string): Uint8Array {
  const bytes = Buffer.from(thumbprint, 'base64url');
  if (bytes.length === 32 && bytes.toString('base64url') === thumbprint) return bytes;
  throw auditError('issued_malformed', 'A thumbprint is 32 bytes in base64url.');
}
