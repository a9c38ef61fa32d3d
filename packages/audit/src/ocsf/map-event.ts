// One of our events → one OCSF 1.8 event, ready to store. The text is canonical JSON (RFC 8785) by
// construction, so that a later hash chain over stored events needs no migration.

import { CodedError, type CountersignEvent } from '@countersign/vocabulary';
import { boundEvent } from './bound-event.ts';
import { describeEntity } from './describe-entity.ts';
import { describeExtension, type ExtensionFacts } from './describe-extension.ts';
import { describeEvidence, describeFindingInfo } from './describe-finding.ts';
import {
  describeEndpoint,
  describeHttpRequest,
  describeMetadata,
  describeSession,
  describeToken,
  describeUser,
  type Stamp,
  tenantOf,
} from './describe-parts.ts';
import { type EventClass, eventClasses, SEVERITY_CAPTIONS, severityId } from './event-classes.ts';

export interface MappedEvent {
  classUid: number;
  typeUid: number;
  severityId: number;
  tenant: string | undefined;
  /** The OCSF event as canonical JSON. */
  json: string;
  /** The event as it was mapped, after long texts were cut. */
  event: CountersignEvent;
}

/** Longest stored event; more is a bug of the caller. */
export const LONGEST_EVENT_CHARACTERS = 65_536;

/** @throws CodedError `event_too_large` */
export function mapEvent(
  given: CountersignEvent,
  stamp: Stamp,
  facts: ExtensionFacts = {},
): MappedEvent {
  const event = boundEvent(given);
  const eventClass = eventClasses[event.name];
  const tenant = tenantOf(event) ?? facts.tenant;
  const severity = event.severity ?? eventClass.severity;
  const shared: Shared = {
    eventClass,
    message: event.message ?? eventClass.message,
    metadata: describeMetadata(event, stamp, tenant),
    severity: SEVERITY_CAPTIONS[severity],
    severityId: severityId(severity),
    typeUid: eventClass.classUid * 100 + eventClass.activityId,
    unmapped: { countersign: describeExtension(event, facts) },
  };
  const json = JSON.stringify(mappers[eventClass.classUid](event, shared, stamp));
  if (json.length > LONGEST_EVENT_CHARACTERS) {
    throw new CodedError('event_too_large', 'An audit event may hold at most 64 KiB.');
  }
  return {
    classUid: eventClass.classUid,
    typeUid: shared.typeUid,
    severityId: shared.severityId,
    tenant,
    json,
    event,
  };
}

interface Shared {
  eventClass: EventClass;
  message: string;
  metadata: object;
  severity: string;
  severityId: number;
  typeUid: number;
  unmapped: object;
}

type Mapper = (event: CountersignEvent, shared: Shared, stamp: Stamp) => object;

const mappers: Readonly<Record<EventClass['classUid'], Mapper>> = {
  2004: mapFinding,
  3002: mapAuthentication,
  3004: mapEntityChange,
  6003: mapApiUse,
};

function mapAuthentication(event: CountersignEvent, shared: Shared): object {
  const openId = event.token?.kind === 'id' || event.token?.kind === 'logout';
  const oauth = !openId && event.token !== undefined;
  return {
    activity_id: shared.eventClass.activityId,
    activity_name: shared.eventClass.activityName,
    auth_protocol: oauth ? 'OAUTH 2.0' : 'OpenID',
    auth_protocol_id: oauth ? 6 : 4,
    authentication_token: describeToken(event),
    category_uid: 3,
    class_uid: 3002,
    http_request: describeHttpRequest(event),
    message: shared.message,
    metadata: shared.metadata,
    service: { name: event.token?.issuer ?? event.realm ?? 'countersign' },
    session: describeSession(event),
    severity: shared.severity,
    severity_id: shared.severityId,
    src_endpoint: describeEndpoint(event),
    ...status(event, shared),
    time: event.timeMs,
    type_uid: shared.typeUid,
    unmapped: shared.unmapped,
    user: describeUser(event),
  };
}

function mapApiUse(event: CountersignEvent, shared: Shared): object {
  return {
    activity_id: shared.eventClass.activityId,
    activity_name: shared.eventClass.activityName,
    actor: {
      app_uid: event.clientId,
      session: describeSession(event),
      user: describeUser(event),
    },
    api: { operation: 'verify', token: describeToken(event) },
    category_uid: 6,
    class_uid: 6003,
    http_request: describeHttpRequest(event),
    message: shared.message,
    metadata: shared.metadata,
    severity: shared.severity,
    severity_id: shared.severityId,
    // The class requires it; a verifier behind a proxy may not know the address.
    src_endpoint: describeEndpoint(event) ?? { name: 'unknown' },
    ...status(event, shared),
    time: event.timeMs,
    type_uid: shared.typeUid,
    unmapped: shared.unmapped,
  };
}

function mapEntityChange(event: CountersignEvent, shared: Shared): object {
  return {
    activity_id: shared.eventClass.activityId,
    activity_name: shared.eventClass.activityName,
    actor:
      event.subject === undefined && event.clientId === undefined
        ? undefined
        : { app_uid: event.clientId, user: describeUser(event) },
    category_uid: 3,
    class_uid: 3004,
    entity: describeEntity(event),
    http_request: describeHttpRequest(event),
    message: shared.message,
    metadata: shared.metadata,
    severity: shared.severity,
    severity_id: shared.severityId,
    src_endpoint: describeEndpoint(event),
    ...status(event, shared),
    time: event.timeMs,
    type_uid: shared.typeUid,
    unmapped: shared.unmapped,
  };
}

function mapFinding(event: CountersignEvent, shared: Shared, stamp: Stamp): object {
  return {
    activity_id: shared.eventClass.activityId,
    activity_name: shared.eventClass.activityName,
    category_uid: 2,
    class_uid: 2004,
    confidence: 'High',
    confidence_id: 3,
    evidences: describeEvidence(event),
    finding_info: describeFindingInfo(event, stamp, shared.message),
    is_alert: shared.severityId >= 4,
    message: shared.message,
    metadata: shared.metadata,
    severity: shared.severity,
    severity_id: shared.severityId,
    status: 'New',
    status_id: 1,
    time: event.timeMs,
    type_uid: shared.typeUid,
    unmapped: shared.unmapped,
  };
}

function status(event: CountersignEvent, { eventClass }: Shared): object {
  return {
    status: eventClass.failure ? 'Failure' : 'Success',
    status_detail: event.reason,
    status_id: eventClass.failure ? 2 : 1,
  };
}
