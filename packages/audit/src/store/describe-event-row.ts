// An event as a row: the OCSF text, and beside it the few facts people look for.

import type { CountersignEvent } from '@countersign/vocabulary';
import { optionalHashBytes } from '../hex-bytes.ts';
import type { ExtensionFacts } from '../ocsf/describe-extension.ts';
import { mapEvent } from '../ocsf/map-event.ts';
import type { AuditRoom } from './audit-room.ts';
import { placeOfToken } from './log-places.ts';
import type { Row } from './ready-insert.ts';

export function describeEventRow(
  room: AuditRoom,
  given: CountersignEvent,
  facts: ExtensionFacts = {},
): Row<'event'> {
  const loggedMs = room.clock.nowMs();
  const uid = room.uids.next(loggedMs);
  const mapped = mapEvent(given, { uid, loggedMs, product: room.product }, facts);
  const { event } = mapped;
  return {
    uid,
    tenant: mapped.tenant ?? null,
    realm: event.realm ?? null,
    time_ms: event.timeMs,
    class_uid: mapped.classUid,
    type_uid: mapped.typeUid,
    name: event.name,
    severity_id: mapped.severityId,
    subject: event.subject ?? event.token?.subject ?? null,
    client_id: event.clientId ?? null,
    session_id: event.sessionId ?? null,
    kid: event.token?.kid ?? null,
    token_hash: optionalHashBytes(event.token?.tokenHash),
    log_index: placeOfToken(room.logs, event.token),
    root_auth_id: event.token?.rootAuthId ?? null,
    caused_by: event.causedBy ?? null,
    ocsf: mapped.json,
    source: null,
    salt: room.salts.next(),
  };
}
