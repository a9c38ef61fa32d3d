// What every class has in common: who, where from, how it ended. Members of an OCSF event are written
// in the order of RFC 8785, so each mapper lists them by hand.

import type { CountersignEvent } from '@countersign/vocabulary';
import type { EventClass, SeverityId } from './class-kinds.ts';
import { describeEndpoint, describeSession, describeUser, type Stamp } from './describe-parts.ts';
import type { OcsfEvent } from './schema/ocsf-classes.ts';
import type { OcsfActor, OcsfMetadata, OcsfNetworkEndpoint } from './schema/ocsf-objects.ts';

export interface Shared {
  eventClass: EventClass;
  message: string;
  metadata: OcsfMetadata;
  severity: string;
  severityId: SeverityId;
  typeUid: number;
  unmapped: object;
}

export type Mapper<Class extends OcsfEvent = OcsfEvent> = (
  event: CountersignEvent,
  shared: Shared,
  stamp: Stamp,
) => Class;

/** Of OCSF: Success or Failure, and why. */
export interface OcsfStatus {
  status: string;
  status_detail: string | undefined;
  status_id: 1 | 2;
}

export function describeStatus(event: CountersignEvent, { eventClass }: Shared): OcsfStatus {
  return {
    status: eventClass.failure ? 'Failure' : 'Success',
    status_detail: event.reason,
    status_id: eventClass.failure ? 2 : 1,
  };
}

/** Who did it: whom the event names as acting, else the person and client it is about. */
export function describeActor(event: CountersignEvent): OcsfActor {
  const { actor } = event;
  if (actor === undefined) {
    return {
      app_uid: event.clientId,
      session: describeSession(event),
      user: describeUser(event),
    };
  }
  switch (actor.kind) {
    case 'client':
    case 'verifier':
      return { app_uid: actor.id };
    case 'system':
      return { app_name: actor.id };
    case 'operator':
      return { user: { type: 'Admin', type_id: 2, uid: actor.id } };
    case 'reader':
      return { user: { type: 'Service', type_id: 4, uid: actor.id } };
    case 'person':
      return { user: { type: 'User', type_id: 1, uid: actor.id } };
  }
}

/** As above where the class does not ask for one: absent when nobody is named. */
export function describeKnownActor(event: CountersignEvent): OcsfActor | undefined {
  const nobody =
    event.actor === undefined && event.subject === undefined && event.clientId === undefined;
  return nobody ? undefined : describeActor(event);
}

/** Where a class requires an address; a verifier behind a proxy may not know it. */
export function requireEndpoint(event: CountersignEvent): OcsfNetworkEndpoint {
  return describeEndpoint(event) ?? { name: 'unknown' };
}
