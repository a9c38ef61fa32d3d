// The columns of an event, in the hot copy and in sealed files alike: what is looked for often, taken
// out of the OCSF text once. What a column holds is a rule for ever: sealed files are not written anew.

import { spellIp } from '@countersign/search';

type Json = unknown;

/**
 * DuckDB types. Of several values the first stands alone: a column of one value is passed over by its
 * bloom filter. `lines`: the others, one a line; a value never holds a line feed.
 */
export const COLUMNS = [
  { name: 'tenant', type: 'VARCHAR' },
  { name: 'number', type: 'BIGINT' },
  { name: 'sequence', type: 'BIGINT' },
  { name: 'uid', type: 'VARCHAR' },
  { name: 'time_ms', type: 'BIGINT' },
  { name: 'logged_ms', type: 'BIGINT' },
  { name: 'class_uid', type: 'INTEGER' },
  { name: 'activity_id', type: 'INTEGER' },
  { name: 'type_uid', type: 'INTEGER' },
  { name: 'name', type: 'VARCHAR' },
  { name: 'severity_id', type: 'INTEGER' },
  { name: 'status_id', type: 'INTEGER' },
  { name: 'person', type: 'VARCHAR' },
  { name: 'persons', type: 'VARCHAR', lines: true },
  { name: 'person_name', type: 'VARCHAR' },
  { name: 'actor', type: 'VARCHAR' },
  { name: 'app', type: 'VARCHAR' },
  { name: 'session', type: 'VARCHAR' },
  { name: 'sessions', type: 'VARCHAR', lines: true },
  { name: 'ip', type: 'VARCHAR' },
  { name: 'country', type: 'VARCHAR' },
  { name: 'asn', type: 'VARCHAR' },
  { name: 'user_agent', type: 'VARCHAR' },
  { name: 'kid', type: 'VARCHAR' },
  { name: 'token', type: 'VARCHAR' },
  { name: 'tokens', type: 'VARCHAR', lines: true },
  { name: 'token_hash', type: 'VARCHAR' },
  { name: 'audience', type: 'VARCHAR' },
  { name: 'audiences', type: 'VARCHAR', lines: true },
  { name: 'resource', type: 'VARCHAR' },
  { name: 'operation', type: 'VARCHAR' },
  { name: 'source', type: 'VARCHAR' },
  { name: 'ocsf', type: 'VARCHAR' },
  { name: 'salt', type: 'BLOB' },
  { name: 'leaf', type: 'BLOB' },
] as const satisfies readonly {
  name: string;
  type: 'VARCHAR' | 'BIGINT' | 'INTEGER' | 'BLOB';
  lines?: true;
}[];

export type ColumnName = (typeof COLUMNS)[number]['name'];

/** What is taken out of the text; null where the event does not say. */
export interface ExtractedColumns {
  logged_ms: number | null;
  class_uid: number | null;
  activity_id: number | null;
  type_uid: number | null;
  severity_id: number | null;
  status_id: number | null;
  /** Id of the event's user, folded; else the first that an imported record names. */
  person: string | null;
  /** The other ids that the record names, each with what it is (`upn:…`); as with tokens and sessions. */
  persons: string | null;
  person_name: string | null;
  /** Id of whoever acted, folded: the event's user may be the one it was done to. */
  actor: string | null;
  /** Client or application. */
  app: string | null;
  session: string | null;
  sessions: string | null;
  /** In the one spelling of packages/search, so that a network is a range of text. */
  ip: string | null;
  country: string | null;
  asn: string | null;
  user_agent: string | null;
  kid: string | null;
  /** Of our tokens SHA-256 of `jti`; of others what `ActivityFacts.tokens` has. */
  token: string | null;
  tokens: string | null;
  /** SHA-256 of the token as it was shown. */
  token_hash: string | null;
  audience: string | null;
  audiences: string | null;
  resource: string | null;
  operation: string | null;
}

/** Names of persons are compared without case: directories spell them as they like. */
export function foldPerson(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** @param ocsf the event as it was parsed */
export function extractColumns(ocsf: Json): ExtractedColumns {
  const event = part(ocsf);
  const ours = part(part(event['unmapped'])['countersign']);
  const facts = part(ours['activity']);
  const item = part(ours['item']);
  const actor = part(event['actor']);
  const user = part(event['user'] ?? actor['user']);
  const session = part(event['session'] ?? actor['session']);
  const address = part(event['src_endpoint']);
  const api = part(event['api']);
  const token = part(event['authentication_token'] ?? api['token']);
  const actorId = text(part(actor['user'])['uid']) ?? text(part(ours['actor'])['id']);
  const person = text(user['uid']) ?? text(user['email_addr']) ?? text(user['name']);
  return {
    logged_ms: number(part(event['metadata'])['logged_time']),
    class_uid: number(event['class_uid']),
    activity_id: number(event['activity_id']),
    type_uid: number(event['type_uid']),
    severity_id: number(event['severity_id']),
    status_id: number(event['status_id']),
    ...both('person', 'persons', person === null ? null : foldPerson(person), facts['persons']),
    person_name: text(user['name']) ?? text(user['email_addr']),
    actor: actorId === null ? null : foldPerson(actorId),
    app: text(ours['client_id']) ?? text(facts['client']) ?? text(facts['app']),
    ...both('session', 'sessions', text(session['uid']), facts['sessions']),
    ip: spellIp(text(address['ip']) ?? text(facts['ip']) ?? '') ?? null,
    country: text(part(address['location'])['country']),
    asn: textOfNumber(part(address['autonomous_system'])['number']) ?? text(facts['asn']),
    user_agent: text(part(event['http_request'])['user_agent']) ?? text(facts['userAgent']),
    kid: text(ours['kid']),
    ...both('token', 'tokens', text(ours['jti_hash']) ?? text(token['uid']), facts['tokens']),
    token_hash: text(ours['token_hash']),
    ...both('audience', 'audiences', null, ours['aud'], /./),
    resource: text(facts['resource']) ?? text(item['in']) ?? text(item['id']),
    operation: text(facts['operation']) ?? text(ours['operation']) ?? text(api['operation']),
  };
}

const NOTHING: Readonly<Record<string, Json>> = Object.freeze({});

function part(value: Json): Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, Json>>)
    : NOTHING;
}

function text(value: Json): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function number(value: Json): number | null {
  return Number.isSafeInteger(value) ? (value as number) : null;
}

function textOfNumber(value: Json): string | null {
  return number(value) === null ? text(value) : String(value);
}

/** Only ids that say what they are are looked for among the others, so no other is kept there. */
const SAYS_WHAT = /^[a-z][A-Za-z]*:/;

function both<One extends string, More extends string>(
  one: One,
  more: More,
  first: string | null,
  given: Json,
  wanted = SAYS_WHAT,
): Record<One | More, string | null> {
  // Most of our own events: nothing to be told apart, and this runs four times for each.
  if (given === undefined) {
    return { [one]: isLine(first) ? first : null, [more]: null } as Record<
      One | More,
      string | null
    >;
  }
  const list: Json[] = Array.isArray(given) ? [first, ...given] : [first, given];
  const [head = null, ...others] = new Set(list.filter(isLine));
  const lines = others.filter((line) => wanted.test(line)).join('\n');
  const columns = { [one]: head, [more]: lines === '' ? null : lines };
  return columns as Record<One | More, string | null>;
}

function isLine(value: Json): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('\n');
}
