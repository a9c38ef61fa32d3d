// The last step before a token leaves the house: its ledger row and its events, in one transaction.
// This is on the way of every token: no query is built here, only values are bound.

import { type CountersignEvent, isCodedError } from '@countersign/vocabulary';
import { auditError, refusalOfLedger } from '../audit-error.ts';
import { hashBytes, optionalHashBytes } from '../hex-bytes.ts';
import type { AbandonedBuilds } from './abandoned-builds.ts';
import type { AuditRoom } from './audit-room.ts';
import { describeEventRow } from './describe-event-row.ts';
import type { IssuedToken } from './issued-token.ts';
import type { Row } from './ready-insert.ts';

const DERIVATIONS: Partial<Record<CountersignEvent['name'], string>> = {
  'token.issued': 'direct',
  'token.refreshed': 'refreshed',
  'token.exchanged': 'exchanged',
};

/**
 * Resolves when ledger row and events are durable. When it throws, the token must not leave: its
 * leaf and signature are then remembered as abandoned, so that they raise no alarm.
 * @throws CodedError AuditCode or StorageCode
 */
export async function recordIssued(
  room: AuditRoom,
  abandoned: AbandonedBuilds,
  issued: IssuedToken,
  events: readonly CountersignEvent[],
): Promise<void> {
  const row = describeIssuedRow(room, issued, events);
  const queries = [room.insert.issuedToken(row)];
  try {
    for (const event of events) {
      queries.push(room.insert.event(describeEventRow(room, event, { ledgerMatch: true })));
    }
    await room.store.write(queries);
    room.expected.finish(issued.leafHash);
  } catch (error) {
    const refusal = refusalOfLedger(error);
    if (!(isCodedError(refusal) && refusal.code === 'already_issued')) {
      abandoned.remember({
        leaf_hash: row.leaf_hash,
        log_index: row.log_index,
        journal_number: row.journal_number,
        signing_input_hash: row.signing_input_hash,
        recorded_ms: row.recorded_ms,
      });
    }
    throw refusal;
  }
}

function describeIssuedRow(
  room: AuditRoom,
  issued: IssuedToken,
  events: readonly CountersignEvent[],
): Row<'issued_token'> {
  const derivation = events.map(({ name }) => DERIVATIONS[name]).find((found) => found);
  if (derivation === undefined) {
    throw auditError('issued_malformed', 'A ledger row comes with the event that issued it.');
  }
  const place = room.logs.placeOf(issued);
  if (place === undefined) {
    throw auditError('issued_malformed', 'The token is logged in a log that is none of ours.');
  }
  const signature = room.signers.placeOf(issued);
  if (signature === undefined || !Number.isSafeInteger(issued.keyNumber) || issued.keyNumber < 0) {
    throw auditError('issued_malformed', 'Journal numbers are whole numbers of a signer of ours.');
  }
  return {
    log_index: place,
    leaf_hash: hashBytes(issued.leafHash),
    token_hash: hashBytes(issued.tokenHash),
    jti_hash: hashBytes(issued.jtiHash),
    kid: issued.kid,
    alg: issued.alg,
    typ: issued.typ,
    issuer: issued.issuer,
    realm: issued.realm,
    audience: JSON.stringify(issued.audience),
    subject: issued.subject ?? null,
    client_id: issued.clientId ?? null,
    root_auth_id: issued.rootAuthId,
    parent_jti_hash: optionalHashBytes(issued.parentJtiHash),
    derivation,
    one_time: (issued.oneTime ?? issued.typ === 'logout+jwt') ? 1 : 0,
    journal_number: signature,
    key_number: issued.keyNumber,
    signing_input_hash: hashBytes(issued.signingInputHash),
    issued_at_seconds: issued.issuedAtSeconds,
    expires_at_seconds: issued.expiresAtSeconds,
    jkt: issued.jkt ?? null,
    grant_id: issued.grantId ?? null,
    session_id: issued.sessionId ?? null,
    sign_in: issued.signIn ?? null,
    recorded_ms: room.clock.nowMs(),
  };
}
