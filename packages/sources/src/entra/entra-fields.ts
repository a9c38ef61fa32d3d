// The mapping of Entra's logs, field by field, named as Microsoft Graph names them; in a diagnostic
// export they are inside `properties`, in Log Analytics in Pascal case. Rendered into docs/sources.md.

import type { FieldNote } from '../map-record.ts';

export const signInFields: readonly FieldNote[] = [
  {
    from: 'id',
    to: 'metadata.original_event_uid',
    note: 'key, with what tells several rows of one id apart: result, token, resource, risk',
  },
  {
    from: 'createdDateTime',
    to: 'time, metadata.original_time, facts.tokenIssuedMs',
    note: 'else time or TimeGenerated',
  },
  {
    from: 'category',
    to: 'metadata.log_name, facts.kind',
    note: 'interactive: sign_in; non-interactive, service principal, managed identity: token',
  },
  {
    from: 'signInEventTypes',
    to: 'metadata.log_name, facts.kind',
    note: 'where there is no category',
  },
  { from: 'status.errorCode', to: 'status_code, status_id, facts.outcome', note: '0 is good' },
  {
    from: 'resultType',
    to: 'status_code, status_id, facts.outcome',
    note: 'a number, text or a word; where there is no status',
  },
  { from: 'status.failureReason', to: 'status_detail', note: '"Other." says nothing' },
  { from: 'resultDescription', to: 'status_detail' },
  {
    from: 'uniqueTokenIdentifier',
    to: 'authentication_token.uid, facts.tokens',
    note: 'the claim uti, exact case',
  },
  { from: 'sessionId', to: 'session.uid, facts.sessions', note: 'the claim sid' },
  { from: 'userId', to: 'user.uid, facts.persons' },
  { from: 'userPrincipalName', to: 'user.name, facts.persons', note: 'folded for joining only' },
  { from: 'servicePrincipalId', to: 'user.uid, facts.persons' },
  { from: 'servicePrincipalName', to: 'user.name' },
  { from: 'identity', to: 'user.name', note: 'where there is no userPrincipalName' },
  { from: 'appId', to: 'actor.app_uid, facts.client, facts.app' },
  { from: 'appDisplayName', to: 'actor.app_name' },
  {
    from: 'resourceId',
    to: 'service.uid, facts.resource',
    note: 'ResourceIdentity in Log Analytics, where ResourceId is a path that names the log',
  },
  { from: 'resourceDisplayName', to: 'service.name' },
  { from: 'resourceTenantId', to: 'facts.tenant' },
  { from: 'ipAddress', to: 'src_endpoint.ip, facts.ip' },
  { from: 'callerIpAddress', to: 'src_endpoint.ip, facts.ip', note: 'where there is no ipAddress' },
  {
    from: 'autonomousSystemNumber',
    to: 'src_endpoint.autonomous_system.number, facts.asn',
    note: 'a number or text',
  },
  {
    from: 'location',
    to: 'src_endpoint.location',
    note: 'an object, or a country as text; LocationDetails in Log Analytics',
  },
  { from: 'userAgent', to: 'http_request.user_agent, facts.userAgent' },
  {
    from: 'deviceDetail',
    to: 'facts.device',
    note: 'deviceId, else displayName; whole under unmapped',
  },
  {
    from: 'authenticationRequirement',
    to: 'is_mfa, session.is_mfa',
    note: 'multiFactorAuthentication is true',
  },
  { from: 'authenticationDetails', to: 'auth_factors', note: 'a list, or JSON text of one' },
  {
    from: 'authenticationProtocol',
    to: 'auth_protocol, auth_protocol_id',
    note: 'deviceCode and ropc are OAuth 2.0 and keep their name',
  },
  { from: 'riskLevelAggregated', to: 'severity_id', note: 'medium and high; whole under unmapped' },
  { from: 'correlationId', to: 'metadata.correlation_uid' },
  { from: 'operationName', to: 'metadata.event_code, facts.operation' },
];

/** What is read in full, folded; the rest, and what says more than was taken of it, is kept. */
export const signInNames: ReadonlySet<string> = new Set(
  [
    ...['id', 'createdDateTime', 'time', 'TimeGenerated', 'category', 'type', 'resultType'],
    ...['resultDescription', 'uniqueTokenIdentifier', 'sessionId', 'userId', 'userPrincipalName'],
    ...['servicePrincipalId', 'servicePrincipalName', 'identity', 'appId', 'appDisplayName'],
    ...['resourceId', 'resourceDisplayName', 'ipAddress', 'callerIpAddress', 'userAgent'],
    ...['autonomousSystemNumber', 'authenticationRequirement', 'authenticationProtocol'],
    ...['correlationId', 'operationName', 'signInEventTypes'],
  ].map((name) => name.toLowerCase()),
);

export const auditFields: readonly FieldNote[] = [
  {
    from: 'id',
    to: 'metadata.original_event_uid',
    note: 'key, with targets and changes: several rows may have one id',
  },
  {
    from: 'activityDateTime',
    to: 'time, metadata.original_time',
    note: 'else time or TimeGenerated',
  },
  {
    from: 'activityDisplayName',
    to: 'class_uid, activity_id, metadata.event_code, facts.operation',
    note: 'else operationName; unknown ones are class 3004, counted as unmapped',
  },
  { from: 'result', to: 'status, status_id, status_code, facts.outcome' },
  { from: 'resultReason', to: 'status_detail' },
  {
    from: 'initiatedBy.user',
    to: 'actor.user, src_endpoint.ip, facts.persons',
    note: 'id, userPrincipalName, ipAddress',
  },
  {
    from: 'initiatedBy.app',
    to: 'actor.app_uid, actor.app_name, actor.user, facts.client',
    note: 'the service principal is the actor where no person is',
  },
  {
    from: 'targetResources',
    to: 'user, entity, group, resource, unmapped.entra.targets, facts.resource',
    note: 'of a revocation the users are facts.persons',
  },
  {
    from: 'targetResources[].modifiedProperties',
    to: 'privileges, unmapped.entra.modified_properties',
    note: 'JSON text, often quoted twice, or null: unquoted',
  },
  { from: 'additionalDetails', to: 'unmapped.entra.additional_details', note: 'as a map' },
  { from: 'additionalDetails[User-Agent]', to: 'http_request.user_agent' },
  { from: 'correlationId', to: 'metadata.correlation_uid' },
  { from: 'identity', to: 'actor.user.name', note: 'where initiatedBy names nobody' },
  { from: 'tenantId', to: 'facts.tenant', note: 'AADTenantId in Log Analytics' },
];

export const auditNames: ReadonlySet<string> = new Set(
  [
    ...['id', 'activityDateTime', 'time', 'TimeGenerated', 'type', 'activityDisplayName'],
    ...['operationName', 'result', 'resultReason', 'resultDescription', 'initiatedBy', 'identity'],
    ...['targetResources', 'additionalDetails', 'correlationId', 'callerIpAddress'],
  ].map((name) => name.toLowerCase()),
);
