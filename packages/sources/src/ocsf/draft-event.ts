// One record of another house → the parts every OCSF 1.8 class has in common. The maps of the sources
// give what is theirs; what is required and unknown is said to be unknown, never invented.

import { isUuid } from '../reading/fold-person.ts';
import type { Address } from '../reading/read-address.ts';

export const OCSF_VERSION = '1.8.0';

/** Classes that records of other houses become. */
export type ForeignClass = 2004 | 3001 | 3002 | 3004 | 3005 | 3006 | 6002 | 6003 | 6005 | 6006;

export type Outcome = 'success' | 'failure' | 'unknown';

/** Somebody, by an id, a name, or both. */
export interface DraftUser {
  uid?: string | undefined;
  name?: string | undefined;
  type?: 'User' | 'Admin' | 'System' | 'Service' | undefined;
}

export interface DraftEvent {
  classUid: ForeignClass;
  activityId: number;
  /** Needed with activity 99. */
  activityName?: string | undefined;
  timeMs: number;
  /** One sentence for a person. */
  message: string;
  outcome: Outcome;
  statusCode?: string | undefined;
  statusDetail?: string | undefined;
  /** 1 informational … 5 critical; default 1, or 2 for what failed. */
  severityId?: number | undefined;
  product: { name: string; vendor: string };
  /** Which of the source's logs. */
  logName: string;
  /** The source's own id of the record. */
  originalUid?: string | undefined;
  /** The moment as it was written. */
  originalTime?: string | undefined;
  /** The source's own name of what happened. */
  operation: string;
  correlation?: string | undefined;
  user?: DraftUser | undefined;
  app?: { uid?: string | undefined; name?: string | undefined } | undefined;
  address?: Address | undefined;
  userAgent?: string | undefined;
  session?: { uid?: string | undefined; issuer?: string | undefined; isMfa?: boolean | undefined };
  count?: number | undefined;
  /** What else is known of who did it: an account, a credential. Wins over what is drawn from `user`. */
  actor?: Readonly<Record<string, unknown>> | undefined;
  /** What else is known of where it came from: a name, a place, a network. */
  endpoint?: Readonly<Record<string, unknown>> | undefined;
  /** Account and region; claims the profile `cloud`, which requires it. */
  cloud?: Readonly<Record<string, unknown>> | undefined;
  /** Attributes of the class. */
  parts: Readonly<Record<string, unknown>>;
  /** What the record says besides. */
  unmapped?: Readonly<Record<string, unknown>> | undefined;
}

const CATEGORIES: Readonly<Record<number, number>> = { 2: 2, 3: 3, 6: 6 };
/** Classes that need an actor and an address. */
const OF_AN_ACTOR: ReadonlySet<number> = new Set([6003, 6005, 6006]);
/** Classes that have an actor at all. */
const WITH_ACTOR: ReadonlySet<number> = new Set([3001, 3002, 3004, 3005, 3006, 6003, 6005, 6006]);
/** Classes whose attributes the schema closes without an address. */
const WITHOUT_ADDRESS: ReadonlySet<number> = new Set([2004, 6002]);

/** What the draft says wins over what a class part is called the same; `undefined` says it too. */
const DRAFTED: ReadonlySet<string> = new Set([
  ...['activity_id', 'activity_name', 'actor', 'category_uid', 'class_uid', 'cloud', 'count'],
  ...['http_request', 'message', 'metadata', 'severity_id', 'src_endpoint', 'status'],
  ...['status_code', 'status_detail', 'status_id', 'time', 'type_uid', 'unmapped'],
]);
const DRAFTED_OF_2004: ReadonlySet<string> = DRAFTED.difference(
  new Set(['status', 'status_code', 'status_detail']),
);
const DRAFTED_OF_3002: ReadonlySet<string> = DRAFTED.union(new Set(['session', 'user']));

export function draftEvent(draft: DraftEvent): Record<string, unknown> {
  const { classUid, activityId, parts } = draft;
  const event: Record<string, unknown> = {};
  const drafted = draftedOf(classUid);
  for (const name in parts) {
    if (parts[name] !== undefined && !drafted.has(name)) event[name] = parts[name];
  }
  // Member by member, by names that are written out: a list of members that is gone through makes an
  // object of more than sixteen slow to read, copy and print for good.
  const activityName = draft.activityName ?? (activityId === 99 ? draft.operation : undefined);
  event['activity_id'] = activityId;
  if (activityName !== undefined) event['activity_name'] = activityName;
  addWhoAndWhere(event, draft);
  event['category_uid'] = CATEGORIES[Math.floor(classUid / 1000)];
  event['class_uid'] = classUid;
  if (draft.cloud !== undefined) event['cloud'] = draft.cloud;
  if (draft.count !== undefined && draft.count > 0) event['count'] = draft.count;
  event['message'] = draft.message;
  event['metadata'] = describeMetadata(draft);
  event['severity_id'] = draft.severityId ?? (draft.outcome === 'failure' ? 2 : 1);
  if (classUid === 2004) event['status_id'] = 1;
  else addOutcome(event, draft);
  event['time'] = draft.timeMs;
  event['type_uid'] = classUid * 100 + activityId;
  if (hasMembers(draft.unmapped)) event['unmapped'] = draft.unmapped;
  return event;
}

function draftedOf(classUid: ForeignClass): ReadonlySet<string> {
  if (classUid === 3002) return DRAFTED_OF_3002;
  return classUid === 2004 ? DRAFTED_OF_2004 : DRAFTED;
}

function addWhoAndWhere(event: Record<string, unknown>, draft: DraftEvent): void {
  const { classUid, userAgent } = draft;
  const actor = WITH_ACTOR.has(classUid) ? describeActor(draft) : undefined;
  if (actor !== undefined) event['actor'] = actor;
  if (!WITHOUT_ADDRESS.has(classUid)) {
    if (userAgent !== undefined) event['http_request'] = { user_agent: userAgent };
    const endpoint = describeEndpoint(draft);
    if (endpoint !== undefined) event['src_endpoint'] = endpoint;
  }
  if (classUid !== 3002) return;
  const session = describeSession(draft);
  if (session !== undefined) event['session'] = session;
  event['user'] = describeUser(draft.user);
}

const OUTCOMES: Readonly<Record<Outcome, readonly [id: number, name: string]>> = {
  success: [1, 'Success'],
  failure: [2, 'Failure'],
  unknown: [0, 'Unknown'],
};

function addOutcome(event: Record<string, unknown>, draft: DraftEvent): void {
  const [id, name] = OUTCOMES[draft.outcome];
  event['status'] = name;
  if (draft.statusCode !== undefined) event['status_code'] = draft.statusCode;
  if (draft.statusDetail !== undefined) event['status_detail'] = draft.statusDetail;
  event['status_id'] = id;
}

function hasMembers(object: Readonly<Record<string, unknown>> | undefined): boolean {
  for (const _ in object) return true;
  return false;
}

function describeMetadata(draft: DraftEvent): Record<string, unknown> {
  return omitAbsent({
    correlation_uid: draft.correlation,
    event_code: draft.operation,
    log_name: draft.logName,
    original_event_uid: draft.originalUid,
    original_time: draft.originalTime,
    product: { name: draft.product.name, vendor_name: draft.product.vendor },
    profiles: draft.cloud === undefined ? undefined : ['cloud'],
    version: OCSF_VERSION,
  });
}

function describeActor(draft: DraftEvent): Record<string, unknown> | undefined {
  const { app, classUid } = draft;
  const actor = omitAbsent({
    app_name: app?.name,
    app_uid: app?.uid,
    session: classUid === 3002 ? undefined : describeSession(draft),
    user:
      draft.user?.uid === undefined && draft.user?.name === undefined
        ? undefined
        : describeUser(draft.user),
    ...draft.actor,
  });
  if (Object.keys(actor).some((name) => name !== 'session')) return actor;
  return OF_AN_ACTOR.has(classUid) ? { ...actor, user: describeUser(undefined) } : undefined;
}

function describeSession({ session }: DraftEvent): Record<string, unknown> | undefined {
  if (session?.uid === undefined) return undefined;
  return omitAbsent({ is_mfa: session.isMfa, issuer: session.issuer, uid: session.uid });
}

const USER_TYPES = { User: 1, Admin: 2, System: 3, Service: 4 } as const;

/** OCSF asks for a name or an id; nobody is named `unknown`. */
export function describeUser(user: DraftUser | undefined): Record<string, unknown> {
  const { uid, name, type } = user ?? {};
  if (uid === undefined && name === undefined) return { name: 'unknown', type_id: 0 };
  return omitAbsent({
    email_addr: name !== undefined && EMAIL.test(name) ? name : undefined,
    name,
    type,
    type_id: type === undefined ? 0 : USER_TYPES[type],
    uid: uid ?? (isUuid(name) ? name : undefined),
  });
}

/** A subset of what the schema's own pattern takes. */
const EMAIL = /^[a-zA-Z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+$/;

function describeEndpoint(draft: DraftEvent): Record<string, unknown> | undefined {
  const { address, classUid, endpoint } = draft;
  if (address !== undefined) return omitAbsent({ ip: address.ip, port: address.port, ...endpoint });
  if (endpoint !== undefined && ENDPOINT_NAMES.some((name) => endpoint[name] !== undefined)) {
    return omitAbsent({ ...endpoint });
  }
  return OF_AN_ACTOR.has(classUid) ? omitAbsent({ name: 'unknown', ...endpoint }) : undefined;
}

/** An endpoint needs one of these, as the schema has it. */
const ENDPOINT_NAMES = ['name', 'hostname', 'svc_name', 'uid', 'domain'] as const;

/** The object without members that are undefined: JSON has none of them either. */
export function omitAbsent(object: Record<string, unknown>): Record<string, unknown> {
  // A copy: deleting members makes an object slow to read for good.
  const kept: Record<string, unknown> = {};
  for (const name in object) if (object[name] !== undefined) kept[name] = object[name];
  return kept;
}
