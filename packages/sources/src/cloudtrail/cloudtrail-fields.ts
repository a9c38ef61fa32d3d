// The documented map of CloudTrail, field by field; a test renders it into the page of sources.

import type { FieldNote } from '../map-record.ts';

export const cloudTrailFields: readonly FieldNote[] = [
  {
    from: 'eventID',
    to: 'metadata.original_event_uid',
    note: 'The key; without it a hash of the record.',
  },
  {
    from: 'sharedEventID',
    to: 'metadata.correlation_uid',
    note: 'One action seen by several accounts: each keeps its own event.',
  },
  {
    from: 'eventTime',
    to: 'time, metadata.original_time',
    note: 'UTC, also without the `Z`; some relays only have `@timestamp`.',
  },
  {
    from: 'eventSource, eventName',
    to: 'class_uid, activity_id, api.operation, api.service.name, facts.operation, facts.resource, facts.kind',
    note: 'Sign-ins, credentials, people, audit settings and reads of data by name, everything else as API Activity by its verb; an unknown verb is counted.',
  },
  {
    from: 'eventType, eventCategory',
    to: 'class_uid, metadata.log_name',
    note: '`AwsCloudTrailInsight` becomes a finding.',
  },
  {
    from: 'awsRegion, recipientAccountId',
    to: 'cloud.region, cloud.account.uid, facts.tenant',
    note: 'The caller’s account stands in.',
  },
  {
    from: 'userIdentity.arn, principalId, userName, type',
    to: 'actor.user, facts.persons',
    note: 'The ARN in lower case; the name of a role’s session counts as a person when it is an address.',
  },
  {
    from: 'userIdentity.accessKeyId',
    to: 'actor.user.credential_uid, facts.tokens',
    note: 'As `key:`, exact case; an empty one is none.',
  },
  { from: 'userIdentity.invokedBy', to: 'actor.invoked_by, facts.app' },
  {
    from: 'userIdentity.sessionContext.attributes.creationDate',
    to: 'actor.session.created_time, facts.tokenIssuedMs',
  },
  {
    from: 'userIdentity.sessionContext.attributes.mfaAuthenticated',
    to: 'actor.session.is_mfa',
    note: 'Text, `"true"` or `"false"`.',
  },
  { from: 'userIdentity.sessionContext.sessionIssuer.arn', to: 'actor.session.issuer' },
  { from: 'userIdentity.sessionContext.sourceIdentity, onBehalfOf.userId', to: 'facts.persons' },
  {
    from: 'userIdentity.identityProvider, sessionContext.webIdFederationData',
    to: 'actor.idp.name',
  },
  {
    from: 'sourceIPAddress',
    to: 'src_endpoint.ip, src_endpoint.svc_name, src_endpoint.name, facts.ip',
    note: 'May be `AWS Internal` or the host of a service.',
  },
  {
    from: 'userAgent',
    to: 'http_request.user_agent, facts.userAgent',
    note: 'Without the brackets S3 puts around it.',
  },
  {
    from: 'errorCode, errorMessage',
    to: 'status_id, status_code, status_detail, facts.outcome',
    note: 'Absent on success; `responseElements.ConsoleLogin` and its like say it for sign-ins.',
  },
  {
    from: 'requestID, requestParameters',
    to: 'api.request.uid, api.request.data',
    note: 'Secrets masked; JSON text of tables is opened.',
  },
  {
    from: 'responseElements',
    to: 'api.response.data',
    note: 'Secrets masked; policies in it are URL-encoded and stay so.',
  },
  {
    from: 'responseElements.credentials.accessKeyId, accessKey.accessKeyId',
    to: 'authentication_token.uid, facts.tokens',
    note: 'The key that was handed out; the caller’s goes to `facts.parents`.',
  },
  {
    from: 'responseElements.credentials.expiration',
    to: 'authentication_token.expiration_time, facts.tokenExpiresMs',
    note: '`Sep 14, 2020, 7:01:26 AM`, ISO or a number.',
  },
  {
    from: 'responseElements.credentials.sessionToken',
    to: '–',
    note: 'Masked before anything is kept, in `raw_data` too.',
  },
  {
    from: 'requestParameters.accessKeyId',
    to: 'facts.tokens',
    note: 'Of DeleteAccessKey, and of UpdateAccessKey to Inactive: the key that ended.',
  },
  {
    from: 'requestParameters.bucketName, key, prefix',
    to: 'databucket, facts.items',
    note: 'An object, or for a listing what was listed; DeleteObjects does not say its keys.',
  },
  {
    from: 'requestParameters.secretId, name, names, path, instanceId',
    to: 'databucket, facts.items',
    note: 'Secrets read; parameters count as secrets when they were decrypted.',
  },
  { from: 'requestParameters.tableName, key', to: 'table, facts.items' },
  { from: 'additionalEventData.MFAUsed', to: 'is_mfa', note: 'Yes or No.' },
  {
    from: 'resources[]',
    to: 'resources[]',
    note: 'Of API Activity; elsewhere kept in `unmapped.cloudtrail`.',
  },
  {
    from: 'anything else',
    to: 'unmapped.cloudtrail',
    note: 'Names that came in lower case are spelled as AWS spells them.',
  },
];
