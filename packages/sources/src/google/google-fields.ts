// The documented maps of Google Workspace and Google Cloud, field by field; a test renders them into the
// page of sources.

import type { FieldNote } from '../map-record.ts';

export const workspaceFields: readonly FieldNote[] = [
  {
    from: 'id.uniqueQualifier, id.time, id.applicationName',
    to: 'metadata.log_name, time',
    note: 'The key, with what the event says: an item holds several events, split here. Text; may be negative. In Cloud Logging `metadata.activityId`.',
  },
  { from: 'id.customerId', to: 'facts.tenant' },
  {
    from: 'actor.email, actor.profileId',
    to: 'actor.user, user, facts.persons',
    note: 'In Cloud Logging `authenticationInfo.principalEmail`.',
  },
  {
    from: 'actor.key',
    to: 'facts.client',
    note: 'A service or OAuth client that acted for itself.',
  },
  {
    from: 'ipAddress',
    to: 'src_endpoint.ip, facts.ip',
    note: 'In Cloud Logging `requestMetadata.callerIp`, also spelled `callerIP`.',
  },
  {
    from: 'events[].type, events[].name',
    to: 'class_uid, activity_id, metadata.event_code, facts.operation, facts.kind',
    note: 'By application and name; at the top in normalised feeds, `eventType` and `eventName` in Cloud Logging; an unknown name is counted.',
  },
  {
    from: 'events[].parameters[]',
    to: 'unmapped.google.parameters',
    note: 'All of them, in one of value, intValue, boolValue, multiValue, multiIntValue, messageValue, multiMessageValue, or an object; names in lower case, numbers and booleans as text.',
  },
  {
    from: 'parameter user_email, affected_email_address',
    to: 'user',
    note: 'Whom a change is about.',
  },
  {
    from: 'parameter client_id, app_name, application_name',
    to: 'service, facts.client, facts.app',
  },
  { from: 'parameter doc_id, doc_title, owner, shared_drive_id', to: 'file, facts.items' },
  {
    from: 'parameter originating_app_id',
    to: 'actor.app_uid, facts.app',
    note: 'The app through which a file was touched.',
  },
  { from: 'parameter message_info.rfc2822_message_id', to: 'facts.items' },
  {
    from: 'parameter login_type, login_challenge_method, login_challenge_status',
    to: 'auth_protocol_id, auth_factors[], status_id',
  },
  { from: 'parameter user_agent', to: 'http_request.user_agent, facts.userAgent' },
  { from: 'anything else', to: 'unmapped.google' },
];

export const gcpFields: readonly FieldNote[] = [
  {
    from: 'insertId, timestamp, logName',
    to: 'metadata.original_event_uid, time',
    note: 'Together the key: `insertId` alone is unique within one log and moment.',
  },
  {
    from: 'protoPayload.serviceName, methodName',
    to: 'class_uid, activity_id, api.operation, api.service.name, facts.operation, facts.resource, facts.kind',
    note: 'Data, secrets, keys, tokens and log settings by name, everything else as API Activity by its verb.',
  },
  {
    from: 'protoPayload.authenticationInfo.principalEmail, principalSubject',
    to: 'actor.user, facts.persons',
  },
  {
    from: 'protoPayload.authenticationInfo.serviceAccountKeyName',
    to: 'actor.user.credential_uid, facts.tokens',
    note: 'The last part of it, as `key:`.',
  },
  {
    from: 'protoPayload.authenticationInfo.serviceAccountDelegationInfo[]',
    to: 'facts.persons',
    note: 'Who impersonates, in order.',
  },
  { from: 'protoPayload.authenticationInfo.oauthInfo.oauthClientId', to: 'facts.client' },
  {
    from: 'protoPayload.authorizationInfo[]',
    to: 'unmapped.gcp.authorizationInfo',
    note: 'Permission and whether it was granted.',
  },
  {
    from: 'protoPayload.requestMetadata.callerIp, callerIP',
    to: 'src_endpoint.ip, src_endpoint.name, facts.ip',
    note: 'May be `private` or `gce-internal-ip`.',
  },
  {
    from: 'protoPayload.requestMetadata.callerSuppliedUserAgent',
    to: 'http_request.user_agent, facts.userAgent',
  },
  {
    from: 'protoPayload.resourceName',
    to: 'resources[], databucket, entity, facts.items',
    note: 'Objects of buckets and versions of secrets are items.',
  },
  {
    from: 'protoPayload.status',
    to: 'status_id, status_code, status_detail, facts.outcome',
    note: 'Empty or absent is success.',
  },
  {
    from: 'protoPayload.request, response',
    to: 'api.request.data, api.response.data',
    note: 'Secrets masked.',
  },
  {
    from: 'protoPayload.response.name of CreateServiceAccountKey',
    to: 'facts.tokens',
    note: 'The key that was made; the caller’s goes to `facts.parents`.',
  },
  {
    from: 'resource.labels.project_id',
    to: 'cloud.project_uid, facts.tenant',
    note: 'Or the project in `logName`.',
  },
  { from: '@type', to: 'unmapped.gcp', note: 'May arrive as `at_sign_type`.' },
  { from: 'anything else', to: 'unmapped.gcp' },
];
