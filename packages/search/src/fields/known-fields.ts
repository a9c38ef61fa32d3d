// The fields a filter can name: each is a column, in files and in memory alike, so that finding it costs
// no look into the event. A path that is answered from a column is listed with it.

export type FieldKind = 'text' | 'person' | 'number' | 'time' | 'ip';

export interface Field {
  name: string;
  column: string;
  kind: FieldKind;
  /** A second column with further values, one a line; any of them may match. */
  more?: { column: string; holds: 'any' | 'ids that say what they are' };
  /** Paths into the OCSF event that mean this field. */
  paths: readonly string[];
  /** Words for numbers. */
  words?: Readonly<Record<string, number>>;
  /** For people. */
  says: string;
}

const SEVERITIES = {
  ...{ unknown: 0, informational: 1, info: 1, low: 2, medium: 3 },
  ...{ high: 4, critical: 5, fatal: 6, other: 99 },
};
const STATUSES = { unknown: 0, success: 1, failure: 2, other: 99 };
const CLASSES = {
  ...{ finding: 2004, incident: 2005, account_change: 3001, authentication: 3002 },
  ...{ authorize_session: 3003, entity_management: 3004, user_access: 3005, group: 3006 },
  ...{ application_lifecycle: 6002, api_activity: 6003, datastore: 6005, file: 6006 },
};

export const FIELDS: readonly Field[] = [
  time('time', 'time_ms', ['time'], 'when it happened, at the source'),
  time('logged', 'logged_ms', ['metadata.logged_time'], 'when it was written down here'),
  text('uid', ['metadata.uid'], 'id of the event'),
  text('name', ['event'], 'name of the event, such as token.issued or okta:user.session.start'),
  number('class', 'class_uid', ['class_uid'], 'OCSF class', CLASSES),
  number('activity', 'activity_id', ['activity_id'], 'OCSF activity of the class'),
  number('type', 'type_uid', ['type_uid'], 'OCSF type: class × 100 + activity'),
  number('severity', 'severity_id', ['severity_id'], 'how bad it is, 1 to 6 or a word', SEVERITIES),
  number('status', 'status_id', ['status_id'], 'success (1) or failure (2)', STATUSES),
  person(
    'person',
    ['user.uid', 'unmapped.countersign.sub'],
    'whom it is about, any case',
    'persons',
  ),
  text('person_name', ['user.name'], 'name of the person, as the source spells it'),
  person('actor', ['actor.user.uid'], 'who did it, any case'),
  text('app', ['unmapped.countersign.client_id'], 'client or application'),
  text('session', ['session.uid'], 'session', 'sessions'),
  { ...text('ip', ['src_endpoint.ip'], 'where it came from; also a network'), kind: 'ip' },
  text('country', ['src_endpoint.location.country'], 'ISO 3166 code of the place it came from'),
  text('asn', ['src_endpoint.autonomous_system.number'], 'number of the network it came from'),
  text('user_agent', ['http_request.user_agent'], 'user agent, as it was sent'),
  text('kid', ['unmapped.countersign.kid'], 'signing key'),
  text('token', ['unmapped.countersign.jti_hash'], 'token: SHA-256 of its jti, or uti:…', 'tokens'),
  text('token_hash', ['unmapped.countersign.token_hash'], 'SHA-256 of the token as it was shown'),
  text('audience', ['unmapped.countersign.aud'], 'audience of the token', 'audiences'),
  text('resource', ['resource'], 'what was touched: mailbox, bucket, file, application'),
  text('operation', ['api.operation'], 'what was done, as the source calls it'),
  text('source', ['source'], 'where the record came from, such as okta; absent for our own'),
  text('tenant', ['metadata.tenant_uid'], 'whose log it is in'),
  number('number', 'number', ['number'], 'place in the chain of the tenant'),
  number('sequence', 'sequence', ['metadata.sequence'], 'order of recording'),
];

const BY_NAME = new Map(
  FIELDS.flatMap((field) => [field.name, ...field.paths].map((name) => [name, field] as const)),
);

export function findField(name: string): Field | undefined {
  return BY_NAME.get(name);
}

function text(name: string, paths: string[], says: string, more?: string): Field {
  const field: Field = { name, column: name, kind: 'text', paths, says };
  if (more === undefined) return field;
  const holds = name === 'audience' ? 'any' : 'ids that say what they are';
  return { ...field, more: { column: more, holds } };
}

function person(name: string, paths: string[], says: string, more?: string): Field {
  return { ...text(name, paths, says, more), kind: 'person' };
}

function time(name: string, column: string, paths: string[], says: string): Field {
  return { name, column, kind: 'time', paths, says };
}

function number(
  name: string,
  column: string,
  paths: string[],
  says: string,
  words?: Readonly<Record<string, number>>,
): Field {
  return { name, column, kind: 'number', paths, says, ...(words === undefined ? {} : { words }) };
}
