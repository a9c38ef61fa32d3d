// Fills the columns from a stored event. The one place that says where each comes from: what is searched
// in files and what is looked at as it happens are then the same.

import { spellIp } from '../values/spell-ip.ts';
import type { EventColumns } from './event-columns.ts';

type Value = unknown;
type Members = Record<string, Value>;

/** What is known of an event beside its text. */
export interface EventFacts {
  name: string;
  /** Null for events of our own. */
  source: string | null;
}

/** Longer texts are cut: a column is for finding, the whole is in the event. */
export const LONGEST_COLUMN = 256;

/** Case and spelling by which persons are compared. */
export function foldPerson(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

export function readColumns(ocsf: Members, facts: EventFacts): EventColumns {
  const our = within(ocsf, 'unmapped', 'countersign');
  const activity = within(our, 'activity');
  const metadata = within(ocsf, 'metadata');
  const actor = within(ocsf, 'actor');
  const user = within(ocsf, 'user');
  const actorUser = within(actor, 'user');
  const endpoint = within(ocsf, 'src_endpoint');
  const ip = textOf(endpoint['ip']) ?? textOf(activity['ip']);
  const actorId = textOf(actorUser['uid']) ?? textOf(within(our, 'actor')['id']);
  return {
    time_ms: wholeOf(ocsf['time']),
    logged_ms: wholeOf(metadata['logged_time']),
    class_uid: wholeOf(ocsf['class_uid']),
    activity_id: wholeOf(ocsf['activity_id']),
    type_uid: wholeOf(ocsf['type_uid']),
    severity_id: wholeOf(ocsf['severity_id']),
    status_id: wholeOf(ocsf['status_id']),
    asn: wholeOf(within(endpoint, 'autonomous_system')['number']) ?? wholeOf(activity['asn']),
    uid: cut(textOf(metadata['uid'])),
    name: cut(facts.name),
    source: facts.source,
    person: folded(
      textOf(user['uid']) ?? textOf(our['sub']) ?? first(activity['persons']) ?? actorId,
    ),
    person_name: cut(
      textOf(user['name']) ??
        textOf(user['email_addr']) ??
        textOf(actorUser['name']) ??
        textOf(actorUser['email_addr']),
    ),
    actor: folded(actorId),
    app: cut(
      textOf(our['client_id']) ??
        textOf(activity['client']) ??
        textOf(activity['app']) ??
        textOf(actor['app_uid']) ??
        textOf(actor['app_name']),
    ),
    session: cut(
      textOf(within(ocsf, 'session')['uid']) ??
        textOf(within(actor, 'session')['uid']) ??
        first(activity['sessions']),
    ),
    ip: ip === undefined ? null : cut(spellIp(ip)),
    country: cut(textOf(within(endpoint, 'location')['country'])),
    user_agent: cut(
      textOf(within(ocsf, 'http_request')['user_agent']) ?? textOf(activity['userAgent']),
    ),
    kid: cut(textOf(our['kid'])),
    token: cut(textOf(our['token_hash']) ?? first(activity['tokens']) ?? textOf(our['jti_hash'])),
    audience: cut(first(our['aud'])),
    resource: cut(resourceOf(ocsf) ?? textOf(activity['resource'])),
    operation: cut(
      textOf(activity['operation']) ??
        textOf(our['operation']) ??
        textOf(within(ocsf, 'api')['operation']) ??
        textOf(ocsf['activity_name']),
    ),
  };
}

/** What was touched, where the class has a place for it. */
function resourceOf(ocsf: Members): string | undefined {
  for (const place of ['entity', 'databucket', 'file', 'database', 'table', 'app', 'service']) {
    const { uid, path, name } = within(ocsf, place);
    const found = textOf(uid) ?? textOf(path) ?? textOf(name);
    if (found !== undefined) return found;
  }
  const { resources } = ocsf;
  const [one] = Array.isArray(resources) ? resources : [];
  const { uid, name } = asMembers(one);
  return textOf(uid) ?? textOf(name);
}

function within(value: Members, ...names: string[]): Members {
  return names.reduce<Members>(
    (at, name) => asMembers(Object.hasOwn(at, name) ? at[name] : undefined),
    value,
  );
}

function asMembers(value: Value): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Members)
    : {};
}

function textOf(value: Value): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function first(value: Value): string | undefined {
  return Array.isArray(value) ? textOf(value[0]) : undefined;
}

function wholeOf(value: Value): number | null {
  const number = typeof value === 'string' && /^[0-9]{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null;
}

function folded(text: string | undefined): string | null {
  return cut(text === undefined ? undefined : foldPerson(text));
}

function cut(text: string | undefined): string | null {
  if (text === undefined) return null;
  return (text.length > LONGEST_COLUMN ? text.slice(0, LONGEST_COLUMN) : text).toWellFormed();
}
