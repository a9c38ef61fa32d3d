// Verifiers are told to trust a key no longer: because the reconciler proved that it was misused, or
// because an operator says so. Once is for ever; who said it first is what stands.

import type { CountersignEvent, RealmId } from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import { auditError } from '../audit-error.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { describeEventRow } from '../store/describe-event-row.ts';
import type { AuditTables } from '../tables.ts';

/** What the feed says of a key that an operator revoked; the operator's own words are not for everybody. */
const REVOKED_BY_OPERATOR = 'key.revoked';
const LONGEST_REASON = 200;

/** An operator's revocation. */
export interface KeyRevocation {
  issuer: string;
  kid: string;
  /** One line for the record, at most 200 characters. */
  reason: string;
  /** Who asked. */
  by: string;
}

/** Resolves with false when the key was in quarantine already. @throws CodedError `event_malformed` */
export async function quarantineByOperator(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  { issuer, kid, reason, by }: KeyRevocation,
): Promise<boolean> {
  if (reason.length === 0 || reason.length > LONGEST_REASON) {
    throw auditError('event_malformed', 'A revocation needs a reason of at most 200 characters.');
  }
  return quarantine(
    room,
    tx,
    { issuer, kid },
    { code: REVOKED_BY_OPERATOR, finding: '', by, reason },
  );
}

export interface QuarantineCause {
  /** Published in the feed. */
  code: string;
  /** Uid of the finding that proved it; empty when there is none. */
  finding: string;
  /** Event that led to this. */
  causedBy?: string;
  realm?: RealmId | undefined;
  /** The operator and what they said. */
  by?: string;
  reason?: string;
}

export async function quarantine(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  { issuer, kid }: { issuer: string; kid: string },
  { code, finding, causedBy, by, reason, realm }: QuarantineCause,
): Promise<boolean> {
  const nowMs = room.clock.nowMs();
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('quarantined_key')
    .values({ issuer, kid, since_ms: nowMs, reason: code, finding_uid: finding })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 0n) return false;
  const ofRealm = realm ?? room.ownership.realmOfIssuer(issuer);
  const event: CountersignEvent = {
    name: 'key.quarantined',
    timeMs: nowMs,
    reason: code,
    token: { kind: 'other', kid, issuer },
    ...(causedBy === undefined ? {} : { causedBy }),
    ...(by === undefined ? {} : { subject: by }),
    ...(reason === undefined ? {} : { extra: { reasonGiven: reason } }),
    ...(ofRealm === undefined ? {} : { realm: ofRealm }),
  };
  await tx.executeQuery(room.insert.event(describeEventRow(room, event)));
  return true;
}
