// One of our events → one OCSF 1.8 event, ready to store. The text is canonical JSON (RFC 8785) by
// construction, so that a later hash chain over stored events needs no migration.

import { CodedError, type CountersignEvent } from '@countersign/vocabulary';
import { boundEvent } from './bound-event.ts';
import { type EventClass, SEVERITY_CAPTIONS, severityId } from './class-kinds.ts';
import type { Mapper, Shared } from './class-parts.ts';
import { describeExtension, type ExtensionFacts } from './describe-extension.ts';
import { describeMetadata, type Stamp, tenantOf } from './describe-parts.ts';
import { mapCall } from './map-call.ts';
import { mapDatastore, mapFile } from './map-data.ts';
import { mapEntityChange } from './map-entity.ts';
import { mapFinding, mapIncident } from './map-finding.ts';
import { mapLifecycle } from './map-lifecycle.ts';
import {
  mapAccountChange,
  mapGroupChange,
  mapPrivilegedSession,
  mapUserAccess,
} from './map-people.ts';
import { mapAuthentication } from './map-ticket.ts';
import { placeEvent } from './place-event.ts';

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
  const eventClass = placeEvent(event);
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

const mappers: Readonly<Record<EventClass['classUid'], Mapper>> = {
  2004: mapFinding,
  2005: mapIncident,
  3001: mapAccountChange,
  3002: mapAuthentication,
  3003: mapPrivilegedSession,
  3004: mapEntityChange,
  3005: mapUserAccess,
  3006: mapGroupChange,
  6002: mapLifecycle,
  6003: mapCall,
  6005: mapDatastore,
  6006: mapFile,
};
