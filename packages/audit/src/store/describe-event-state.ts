// State that some events carry for the reconciler: builds that were given up, who signed in at a
// root, opaque tokens that later tokens descend from. Written with the event, in its transaction.

import type { CountersignEvent } from '@countersign/vocabulary';
import type { CompiledQuery } from 'kysely';
import { auditError } from '../audit-error.ts';
import { hashBytes, optionalHashBytes } from '../hex-bytes.ts';
import type { AuditRoom } from './audit-room.ts';
import { placeOfToken } from './log-places.ts';
import { placeOfSignature } from './signer-places.ts';

/** @throws CodedError `event_malformed` */
export function describeEventState(
  room: AuditRoom,
  event: CountersignEvent,
): CompiledQuery<unknown> | undefined {
  switch (event.name) {
    case 'token.abandoned':
      return abandonedBuild(room, event);
    case 'session.started':
      return authRoot(room, event);
    case 'token.issued':
    case 'token.refreshed':
    case 'token.exchanged':
      return opaqueToken(room, event);
    default:
      return undefined;
  }
}

function abandonedBuild(room: AuditRoom, event: CountersignEvent): CompiledQuery<unknown> {
  const leafHash = event.token?.leafHash;
  const signingInputHash = event.extra?.['signingInputHash'];
  if (leafHash === undefined) {
    throw auditError('event_malformed', 'token.abandoned needs token.leafHash.');
  }
  return room.insert.abandonedBuild({
    leaf_hash: hashBytes(leafHash),
    log_index: placeOfToken(room.logs, event.token),
    journal_number: placeOfSignature(room.signers, event.token),
    signing_input_hash: typeof signingInputHash === 'string' ? hashBytes(signingInputHash) : null,
    recorded_ms: room.clock.nowMs(),
  });
}

function authRoot(room: AuditRoom, event: CountersignEvent): CompiledQuery<unknown> | undefined {
  const root = event.token?.rootAuthId ?? event.extra?.['rootAuthId'];
  if (typeof root !== 'string' || event.subject === undefined || event.realm === undefined) {
    return undefined;
  }
  return room.insert.authRoot({
    root_auth_id: root,
    realm: event.realm,
    subject: event.subject,
    recorded_ms: room.clock.nowMs(),
  });
}

/** Only for tokens recorded without a ledger row: opaque ones, which are in no log. */
function opaqueToken(room: AuditRoom, event: CountersignEvent): CompiledQuery<unknown> | undefined {
  const { token, realm } = event;
  const jtiHash = optionalHashBytes(token?.jtiHash);
  if (jtiHash === null || token?.rootAuthId === undefined || realm === undefined) return undefined;
  return room.insert.opaqueToken({
    jti_hash: jtiHash,
    realm,
    root_auth_id: token.rootAuthId,
    subject: event.subject ?? token.subject ?? null,
    client_id: event.clientId ?? null,
    recorded_ms: room.clock.nowMs(),
  });
}
