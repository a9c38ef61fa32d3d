// Classes about people and what they may do: 3001 Account Change, 3003 Authorize Session, 3005 User
// Access, 3006 Group Management. The account is the subject; who changed it is the actor.

import type { CountersignEvent } from '@countersign/vocabulary';
import { describeKnownActor, describeStatus, type Mapper, type Shared } from './class-parts.ts';
import {
  describeEndpoint,
  describeHttpRequest,
  describeSession,
  describeUser,
} from './describe-parts.ts';
import type {
  AccountChange,
  AuthorizeSession,
  GroupManagement,
  UserAccessManagement,
} from './schema/ocsf-classes.ts';
import type { OcsfGroup } from './schema/ocsf-objects.ts';

export const mapAccountChange: Mapper<AccountChange> = (event, shared) => ({
  ...opening(event, shared),
  category_uid: 3,
  class_uid: 3001,
  ...closing(event, shared),
  user: describeUser(event),
});

/** Exactly one of group and privileges, as the class asks. */
export const mapPrivilegedSession: Mapper<AuthorizeSession> = (event, shared) => {
  const ofGroup = event.item?.kind === 'group';
  return {
    ...opening(event, shared),
    category_uid: 3,
    class_uid: 3003,
    group: ofGroup ? describeGroup(event) : undefined,
    http_request: describeHttpRequest(event),
    message: shared.message,
    metadata: shared.metadata,
    privileges: ofGroup ? undefined : listPrivileges(event),
    session: describeSession(event),
    severity: shared.severity,
    severity_id: shared.severityId,
    ...ending(event, shared),
    user: describeUser(event),
  };
};

export const mapUserAccess: Mapper<UserAccessManagement> = (event, shared) => ({
  ...opening(event, shared),
  category_uid: 3,
  class_uid: 3005,
  http_request: describeHttpRequest(event),
  message: shared.message,
  metadata: shared.metadata,
  privileges: listPrivileges(event),
  severity: shared.severity,
  severity_id: shared.severityId,
  ...ending(event, shared),
  user: describeUser(event),
});

export const mapGroupChange: Mapper<GroupManagement> = (event, shared) => ({
  ...opening(event, shared),
  category_uid: 3,
  class_uid: 3006,
  group: describeGroup(event),
  ...closing(event, shared),
  user: event.subject === undefined ? undefined : describeUser(event),
});

function opening(event: CountersignEvent, { eventClass }: Shared) {
  return {
    activity_id: eventClass.activityId,
    activity_name: eventClass.activityName,
    actor: event.actor === undefined ? undefined : describeKnownActor(event),
  };
}

function closing(event: CountersignEvent, shared: Shared) {
  return {
    http_request: describeHttpRequest(event),
    message: shared.message,
    metadata: shared.metadata,
    severity: shared.severity,
    severity_id: shared.severityId,
    ...ending(event, shared),
  };
}

function ending(event: CountersignEvent, shared: Shared) {
  return {
    src_endpoint: describeEndpoint(event),
    ...describeStatus(event, shared),
    time: event.timeMs,
    type_uid: shared.typeUid,
    unmapped: shared.unmapped,
  };
}

function describeGroup({ item }: CountersignEvent): OcsfGroup {
  return item === undefined ? { name: 'unknown' } : { name: item.name, uid: item.id };
}

function listPrivileges({ item }: CountersignEvent): string[] {
  return item === undefined ? [] : [item.id];
}
