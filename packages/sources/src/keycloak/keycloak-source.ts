// Keycloak events and admin events. Joins by session and by the ids of tokens (`token_id` is the jti).

import type { ActivityFacts } from '@countersign/vocabulary';
import type { JsonObject, MappedRecord, Source } from '../map-record.ts';
import { describeUser, draftEvent, type Outcome } from '../ocsf/draft-event.ts';
import { digestRecord } from '../reading/digest-record.ts';
import { foldPersons, isUuid } from '../reading/fold-person.ts';
import { addressOf } from '../reading/read-address.ts';
import { memberOf, numberOf, textOf } from '../reading/read-text.ts';
import { keycloakFields } from './keycloak-fields.ts';
import { type KeycloakMeaning, keycloakMeaningOf } from './keycloak-operations.ts';
import { isKeycloakRecord, type KeycloakRecord, readKeycloak } from './read-keycloak.ts';

export const keycloakSource: Source = {
  name: 'keycloak',
  title: 'Keycloak',
  recognises: isKeycloakRecord,
  map: mapKeycloak,
  fields: keycloakFields,
};

function mapKeycloak(given: JsonObject): MappedRecord[] {
  const event = readKeycloak(given);
  const meaning = keycloakMeaningOf(event);
  const failed = event.error !== undefined || event.type?.endsWith('_ERROR') === true;
  const outcome: Outcome = failed ? 'failure' : 'success';
  const facts = factsOf(event, meaning, outcome);
  const name = textOf(memberOf(event.details, 'username'));
  const address = addressOf(event.from);
  return [
    {
      key: event.id ?? keyOf(event),
      timeMs: event.timeMs,
      facts,
      recognised: meaning.recognised,
      ocsf: draftEvent({
        classUid: meaning.classUid,
        activityId: meaning.activityId,
        timeMs: event.timeMs,
        message: `${event.operation}${event.realm === undefined ? '' : ` in realm ${event.realm}`}`,
        outcome,
        statusDetail: event.error,
        product: { name: 'Keycloak', vendor: 'Keycloak' },
        logName: event.type === undefined ? 'admin events' : 'events',
        originalUid: event.id,
        operation: event.operation,
        correlation: textOf(memberOf(event.details, 'code_id')),
        user: { uid: event.user, name, type: 'User' },
        app: { uid: event.client },
        address,
        endpoint:
          address === undefined && event.from !== undefined ? { name: event.from } : undefined,
        ...(event.session === undefined
          ? {}
          : { session: { uid: event.session, issuer: event.realm } }),
        parts: describeClass(event, meaning, name),
        unmapped: { keycloak: { ...event.rest, details: event.details } },
      }),
    },
  ];
}

/** The API of older versions gives no id: what an event says, but for the name of the realm. */
function keyOf({
  timeMs,
  operation,
  client,
  user,
  session,
  from,
  error,
  details,
  resourcePath,
}: KeycloakRecord): string {
  return digestRecord({
    timeMs,
    operation,
    client,
    user,
    session,
    from,
    error,
    details,
    resourcePath,
  });
}

function describeClass(
  event: KeycloakRecord,
  meaning: KeycloakMeaning,
  name: string | undefined,
): Record<string, unknown> {
  const path = event.resourcePath;
  const target = /^users\/([^/]+)/.exec(path ?? '')?.[1];
  const affected =
    target === undefined
      ? describeUser({ uid: event.user, name, type: 'User' })
      : describeUser({ uid: target, type: 'User' });
  switch (meaning.classUid) {
    case 3001:
      return { user: affected };
    case 3002:
      return describeTicket(event, affected);
    case 3004:
      return {
        entity: {
          name: path ?? event.client ?? event.operation,
          type: event.resourceType ?? (event.operation.includes('CONSENT') ? 'Consent' : 'Client'),
          type_id: 99,
        },
      };
    case 3005:
      return { privileges: [path ?? event.operation], user: affected };
    case 3006:
      return {
        group: { name: /groups\/([^/]+)/.exec(path ?? '')?.[1] ?? path ?? 'unknown' },
        ...(target === undefined ? {} : { user: affected }),
      };
    default:
      return { api: { operation: event.operation, service: { name: 'Keycloak' } } };
  }
}

function describeTicket(
  event: KeycloakRecord,
  user: Record<string, unknown>,
): Record<string, unknown> {
  const token = textOf(memberOf(event.details, 'token_id'));
  const method = textOf(memberOf(event.details, 'auth_method'));
  const saml = method === 'saml';
  return {
    auth_protocol: saml ? 'SAML' : 'OpenID',
    auth_protocol_id: saml ? 5 : 4,
    ...(token === undefined
      ? {}
      : { authentication_token: { type: 'Access Token', type_id: 99, uid: token } }),
    service: { name: event.client ?? event.realm ?? 'Keycloak' },
    user,
  };
}

function factsOf(event: KeycloakRecord, meaning: KeycloakMeaning, outcome: Outcome): ActivityFacts {
  const facts: ActivityFacts = { kind: meaning.kind, outcome, operation: event.operation };
  addTokens(facts, event);
  const sessions = sessionsOf(event, meaning);
  if (sessions.length > 0) facts.sessions = sessions;
  const name = textOf(memberOf(event.details, 'username'));
  const persons = foldPersons({
    oids: [isUuid(event.user) ? event.user : undefined],
    ids: [isUuid(event.user) ? undefined : event.user],
    emails: [name?.includes('@') === true ? name : undefined],
    upns: [name?.includes('@') === true ? undefined : name],
  });
  if (persons.length > 0) facts.persons = persons;
  if (event.client !== undefined) facts.client = event.client;
  const ip = addressOf(event.from)?.ip;
  if (ip !== undefined) facts.ip = ip;
  if (event.realm !== undefined) facts.tenant = event.realm;
  const resource = event.resourcePath ?? textOf(memberOf(event.details, 'redirect_uri'));
  if (resource !== undefined) facts.resource = resource;
  return facts;
}

function sessionsOf(
  { session, resourcePath, resourceType }: KeycloakRecord,
  { kind }: KeycloakMeaning,
): string[] {
  const ended = kind === 'revocation' && resourceType === 'USER_SESSION';
  const id = session ?? (ended ? /sessions\/([^/]+)/.exec(resourcePath ?? '')?.[1] : undefined);
  return id === undefined ? [] : [`sid:${id}`];
}

function addTokens(facts: ActivityFacts, { details, timeMs }: KeycloakRecord): void {
  const id = (name: string): string | undefined => {
    const text = textOf(memberOf(details, name));
    return text === undefined ? undefined : `jti:${text}`;
  };
  const refreshed = id('updated_refresh_token_id');
  const given = id('refresh_token_id');
  // With a refresh the old refresh token is what the new ones are made from.
  const tokens = [id('token_id'), refreshed ?? given].filter((one) => one !== undefined);
  if (tokens.length > 0) facts.tokens = [...new Set(tokens)];
  if (refreshed !== undefined && given !== undefined) facts.parents = [given];
  if (facts.kind !== 'token' || facts.tokens === undefined) return;
  facts.tokenIssuedMs = timeMs;
  const seconds = numberOf(memberOf(details, 'access_token_expiration_time'));
  if (seconds !== undefined && seconds > 0) facts.tokenExpiresMs = timeMs + seconds * 1000;
}
