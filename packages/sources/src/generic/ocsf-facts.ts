// What an OCSF event says about who did what with which token. An event that this product exported
// brings its facts along; of its own events they are read from the extension.

import type { ActivityFacts, TouchedItem } from '@countersign/vocabulary';
import { addSaid } from '../reading/add-said.ts';
import { foldPersons, isUuid } from '../reading/fold-person.ts';
import { addressOf } from '../reading/read-address.ts';
import { type LooseObject, memberOf, numberOf, objectOf, textOf } from '../reading/read-text.ts';
import type { CheckedOcsf } from './check-ocsf.ts';

const OUTCOMES: Readonly<Record<number, ActivityFacts['outcome']>> = { 1: 'success', 2: 'failure' };

const OUR_KINDS: Readonly<Record<string, ActivityFacts['kind']>> = {
  'token.issued': 'token',
  'token.exchanged': 'token',
  'token.refreshed': 'token',
  'token.verified': 'access',
  'data.accessed': 'access',
  'token.revoked': 'revocation',
  'grant.revoked': 'revocation',
  'session.started': 'sign_in',
  'session.ended': 'revocation',
};

const KINDS: ReadonlySet<unknown> = new Set([
  ...['sign_in', 'token', 'access', 'revocation', 'change', 'other'],
]);

export function factsOfOcsf(record: LooseObject, checked: CheckedOcsf): ActivityFacts {
  const ours = objectOf(memberOf(objectOf(memberOf(record, 'unmapped')), 'countersign'));
  return broughtAlong(ours) ?? drawn(record, checked, ours);
}

/** Facts of an export, when they have the shape of facts. */
function broughtAlong(ours: LooseObject | undefined): ActivityFacts | undefined {
  const facts = objectOf(memberOf(ours, 'activity'));
  if (facts === undefined || !KINDS.has(memberOf(facts, 'kind'))) return undefined;
  const texts = ['outcome', 'operation'].every((name) => textOf(memberOf(facts, name)));
  const lists = ['tokens', 'parents', 'sessions', 'persons'].every((name) => {
    const list = memberOf(facts, name);
    return (
      list === undefined || (Array.isArray(list) && list.every((one) => typeof one === 'string'))
    );
  });
  const items = memberOf(facts, 'items');
  const listed =
    items === undefined ||
    (Array.isArray(items) &&
      items.every((one) => typeof memberOf(objectOf(one), 'id') === 'string'));
  return texts && lists && listed ? ({ ...facts } as unknown as ActivityFacts) : undefined;
}

function drawn(
  record: LooseObject,
  checked: CheckedOcsf,
  ours: LooseObject | undefined,
): ActivityFacts {
  const actor = objectOf(memberOf(record, 'actor'));
  const api = objectOf(memberOf(record, 'api'));
  const metadata = objectOf(memberOf(record, 'metadata'));
  const facts: ActivityFacts = {
    kind: OUR_KINDS[textOf(memberOf(ours, 'event')) ?? ''] ?? kindOf(checked),
    outcome: OUTCOMES[numberOf(memberOf(record, 'status_id')) ?? 0] ?? 'unknown',
    operation:
      textOf(memberOf(api, 'operation')) ??
      textOf(memberOf(metadata, 'event_code')) ??
      textOf(memberOf(record, 'activity_name')) ??
      `class ${checked.classUid}, activity ${checked.activityId}`,
  };
  const users = [objectOf(memberOf(actor, 'user')), objectOf(memberOf(record, 'user'))];
  addIds(facts, record, { actor, api, ours, users });
  const endpoint = objectOf(memberOf(record, 'src_endpoint'));
  const service = objectOf(memberOf(record, 'service'));
  addSaid(facts, {
    app: textOf(memberOf(actor, 'app_uid')) ?? textOf(memberOf(actor, 'app_name')),
    asn: textOf(memberOf(objectOf(memberOf(endpoint, 'autonomous_system')), 'number')),
    client: textOf(memberOf(ours, 'client_id')),
    ip: addressOf(textOf(memberOf(endpoint, 'ip')))?.ip,
    resource: textOf(memberOf(service, 'uid')) ?? textOf(memberOf(service, 'name')),
    tenant: tenantOf(record) ?? textOf(memberOf(metadata, 'tenant_uid')),
    userAgent: textOf(memberOf(objectOf(memberOf(record, 'http_request')), 'user_agent')),
  });
  const item = itemOf(record);
  if (item !== undefined) facts.items = [item];
  return facts;
}

interface Parts {
  actor: LooseObject | undefined;
  api: LooseObject | undefined;
  ours: LooseObject | undefined;
  users: (LooseObject | undefined)[];
}

function addIds(
  facts: ActivityFacts,
  record: LooseObject,
  { actor, api, ours, users }: Parts,
): void {
  const token =
    objectOf(memberOf(record, 'authentication_token')) ?? objectOf(memberOf(api, 'token'));
  const jtiHash = textOf(memberOf(ours, 'jti_hash'));
  const uid = textOf(memberOf(token, 'uid'));
  const credential = textOf(memberOf(users[0], 'credential_uid'));
  const tokens = [
    jtiHash === undefined ? named('jti', uid) : `jtiHash:${jtiHash}`,
    named('key', credential),
  ].filter((one) => one !== undefined);
  if (tokens.length > 0) facts.tokens = tokens;
  const session = objectOf(memberOf(actor, 'session')) ?? objectOf(memberOf(record, 'session'));
  const sid = named('sid', textOf(memberOf(session, 'uid')));
  if (sid !== undefined) facts.sessions = [sid];
  const persons = foldPersons({
    oids: users.map((user) => textOf(memberOf(user, 'uid'))).filter(isUuid),
    ids: users.map((user) => textOf(memberOf(user, 'uid'))).filter((id) => !isUuid(id)),
    emails: users.flatMap((user) => [
      textOf(memberOf(user, 'email_addr')),
      addressIn(textOf(memberOf(user, 'name'))),
    ]),
  });
  if (persons.length > 0) facts.persons = persons;
  const issued = numberOf(memberOf(token, 'created_time'));
  const expires = numberOf(memberOf(token, 'expiration_time'));
  if (issued !== undefined) facts.tokenIssuedMs = issued;
  if (expires !== undefined) facts.tokenExpiresMs = expires;
}

function kindOf({ classUid, activityId }: CheckedOcsf): ActivityFacts['kind'] {
  if (classUid === 3002) {
    if (activityId === 2) return 'revocation';
    return activityId >= 3 && activityId <= 5 ? 'token' : 'sign_in';
  }
  if (classUid >= 3001 && classUid <= 3006) return 'change';
  if (classUid === 6003 || classUid === 6001) return activityId === 2 ? 'access' : 'change';
  return classUid === 6005 || classUid === 6006 || classUid === 6004 ? 'access' : 'other';
}

function itemOf(record: LooseObject): TouchedItem | undefined {
  const bucket = objectOf(memberOf(record, 'databucket'));
  const file = objectOf(memberOf(record, 'file')) ?? objectOf(memberOf(bucket, 'file'));
  const within = textOf(memberOf(bucket, 'uid')) ?? textOf(memberOf(bucket, 'name'));
  const id =
    textOf(memberOf(file, 'uid')) ??
    textOf(memberOf(file, 'path')) ??
    textOf(memberOf(file, 'name'));
  if (id === undefined) return undefined;
  const kind = bucket === undefined ? 'file' : 'object';
  return { kind, id, ...(within === undefined ? {} : { in: within }) };
}

function tenantOf(record: LooseObject): string | undefined {
  const cloud = objectOf(memberOf(record, 'cloud'));
  const account = textOf(memberOf(objectOf(memberOf(cloud, 'account')), 'uid'));
  return account ?? textOf(memberOf(cloud, 'project_uid'));
}

function named(space: string, id: string | undefined): string | undefined {
  return id === undefined ? undefined : `${space}:${id}`;
}

function addressIn(name: string | undefined): string | undefined {
  return name?.includes('@') === true ? name : undefined;
}
