// The documented map of Keycloak's events, field by field; a test renders it into the page of sources.

import type { FieldNote } from '../map-record.ts';

export const keycloakFields: readonly FieldNote[] = [
  {
    from: 'id',
    to: 'metadata.original_event_uid',
    note: 'The key; older versions give none, then a hash of what the event says.',
  },
  { from: 'time', to: 'time', note: 'Milliseconds; of a line of the server log its `timestamp`.' },
  {
    from: 'type',
    to: 'class_uid, activity_id, metadata.event_code, facts.operation, facts.kind, status_id',
    note: 'The same with `_ERROR` is the same, failed; a type that is not on the list is counted.',
  },
  {
    from: 'operationType, resourceType',
    to: 'class_uid, activity_id, entity.type, facts.operation',
    note: 'Of an admin event.',
  },
  {
    from: 'resourcePath',
    to: 'entity.name, user.uid, group.name, facts.resource',
    note: '`users/ID/…` is whom it is about.',
  },
  {
    from: 'realmId, realmName',
    to: 'session.issuer, facts.tenant',
    note: 'The name where there is one.',
  },
  { from: 'clientId, authDetails.clientId', to: 'actor.app_uid, service, facts.client' },
  { from: 'userId, authDetails.userId', to: 'actor.user, user, facts.persons' },
  { from: 'sessionId', to: 'session.uid, facts.sessions', note: 'As `sid:`, exact case.' },
  { from: 'ipAddress, authDetails.ipAddress', to: 'src_endpoint.ip, facts.ip' },
  { from: 'error', to: 'status_detail, facts.outcome' },
  { from: 'details.username', to: 'user.name, facts.persons' },
  {
    from: 'details.token_id, refresh_token_id, updated_refresh_token_id',
    to: 'authentication_token.uid, facts.tokens',
    note: 'As `jti:`; the refresh token that was used goes to `facts.parents`.',
  },
  {
    from: 'details.access_token_expiration_time',
    to: 'facts.tokenExpiresMs',
    note: 'Seconds from the event.',
  },
  { from: 'details.auth_method', to: 'auth_protocol_id' },
  { from: 'details.code_id', to: 'metadata.correlation_uid' },
  { from: 'details', to: 'unmapped.keycloak.details', note: 'All of them, secrets masked.' },
  {
    from: 'representation',
    to: 'unmapped.keycloak.representation',
    note: 'JSON text; secrets in it masked.',
  },
  {
    from: 'loggerName, message',
    to: 'all of the above',
    note: 'The line of the built-in listener in the JSON log of the server; it has no id, and the time of the line.',
  },
  { from: 'anything else', to: 'unmapped.keycloak' },
];
