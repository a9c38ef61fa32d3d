// What a person is shown of an event of their own: a list of what may be seen, so that what is added to
// events later stays hidden until somebody decides. Who of the staff did what, from where and why, and
// the numbers of key, journal and log, are the operators'.

import type { FoundEvent } from './search-request.ts';

type Members = Record<string, unknown>;

const TOP = [
  ...['activity_id', 'activity_name', 'auth_protocol', 'auth_protocol_id', 'category_uid'],
  ...['class_uid', 'is_mfa', 'service', 'session', 'severity', 'severity_id', 'status'],
  ...['status_id', 'time', 'type_uid', 'user'],
];
/** Only where the person, and nobody else, was the one who acted. */
const WHEN_OWN_ACT = ['auth_factors', 'http_request', 'message', 'src_endpoint', 'status_detail'];
const METADATA = [
  'event_code',
  'log_name',
  'logged_time',
  'product',
  'tenant_uid',
  'uid',
  'version',
];
const OURS = ['aud', 'client_id', 'event', 'iss', 'kind', 'realm', 'scope', 'sub', 'v'];
const ACTIVITY_OF_STAFF = new Set(['operator', 'reader', 'system']);

/** The text of an event as its person may see it. */
export function readPersonsView(text: string): string {
  return JSON.stringify(redact(JSON.parse(text)));
}

export function redactForPerson(event: FoundEvent): FoundEvent {
  const { ocsf, ...rest } = event;
  if (ocsf === undefined) return event;
  return { ...rest, ocsf: readPersonsView(ocsf) };
}

function redact(event: Members): Members {
  const ours = asMembers(asMembers(event['unmapped'])['countersign']);
  const { kind } = asMembers(ours['actor']);
  const ownAct = typeof kind !== 'string' || !ACTIVITY_OF_STAFF.has(kind);
  return sorted({
    ...pick(event, ownAct ? [...TOP, ...WHEN_OWN_ACT] : TOP),
    metadata: pick(asMembers(event['metadata']), METADATA),
    unmapped: { countersign: pick(ours, OURS) },
  });
}

function pick(members: Members, names: readonly string[]): Members {
  const own = names.filter((name) => Object.hasOwn(members, name));
  return sorted(Object.fromEntries(own.map((name) => [name, members[name]])));
}

function sorted(members: Members): Members {
  return Object.fromEntries(
    Object.keys(members)
      .sort()
      .map((name) => [name, members[name]]),
  );
}

function asMembers(value: unknown): Members {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Members) : {};
}
