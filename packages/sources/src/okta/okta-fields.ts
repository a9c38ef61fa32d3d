// The documented map of the Okta System Log, field by field; a test renders it into the page of sources.

import type { FieldNote } from '../map-record.ts';

export const oktaFields: readonly FieldNote[] = [
  {
    from: 'uuid',
    to: 'metadata.original_event_uid',
    note: 'The key; without it a hash of the record.',
  },
  {
    from: 'published',
    to: 'time, metadata.original_time',
    note: 'UTC; `p_event_time` of normalised feeds stands in.',
  },
  {
    from: 'eventType',
    to: 'class_uid, activity_id, metadata.event_code, facts.operation, facts.kind',
    note: 'By whole name, then by its beginning; an unknown one becomes API Activity and is counted.',
  },
  { from: 'displayMessage', to: 'message' },
  {
    from: 'severity',
    to: 'severity_id',
    note: 'WARN is medium, ERROR high; anything else informational, or low when it failed.',
  },
  {
    from: 'outcome.result',
    to: 'status_id, status_code, facts.outcome',
    note: 'SUCCESS and ALLOW are good; FAILURE, DENY and RATE_LIMIT bad; CHALLENGE, SKIPPED and the rest say neither.',
  },
  { from: 'outcome.reason', to: 'status_detail' },
  {
    from: 'actor',
    to: 'actor.user, user, facts.persons',
    note: '`alternateId` is an address in nearly every org; “unknown” is nobody; of an OAuth client the person is looked for among the targets.',
  },
  {
    from: 'target[type=User]',
    to: 'user',
    note: 'Whom an account, factor, role or membership change is about; targets may be null and are picked by type, never by place.',
  },
  { from: 'target[type=AppInstance]', to: 'service, resource, facts.app, facts.resource' },
  { from: 'target[type=UserGroup]', to: 'group' },
  {
    from: 'target[type=access_token|id_token|refresh_token].id',
    to: 'authentication_token.uid, facts.tokens',
    note: 'As `jti:`, exact case.',
  },
  { from: 'target[type=Token].id', to: 'facts.tokens', note: 'An API token, as `key:`.' },
  { from: 'client.ipAddress', to: 'src_endpoint.ip, facts.ip' },
  { from: 'client.userAgent.rawUserAgent', to: 'http_request.user_agent, facts.userAgent' },
  { from: 'client.id', to: 'actor.app_uid, facts.client' },
  { from: 'client.geographicalContext', to: 'src_endpoint.location' },
  {
    from: 'request.ipChain[]',
    to: 'src_endpoint.intermediate_ips',
    note: 'All but the first, which is the client.',
  },
  {
    from: 'securityContext.asNumber, asOrg, isp',
    to: 'src_endpoint.autonomous_system, src_endpoint.isp, facts.asn',
  },
  { from: 'securityContext.isProxy, domain', to: 'unmapped.okta.securityContext' },
  {
    from: 'authenticationContext.externalSessionId, rootSessionId',
    to: 'actor.session.uid, session.uid, facts.sessions',
    note: 'As `sid:`; “unknown” is none.',
  },
  {
    from: 'authenticationContext.credentialType',
    to: 'auth_factors[]',
    note: 'After `debugData.factor`.',
  },
  {
    from: 'debugContext.debugData.dtHash',
    to: 'facts.tokens',
    note: 'As `dtHash:`; it names the device token, and is left out where a session ends.',
  },
  {
    from: 'debugContext.debugData.privilegeGranted',
    to: 'privileges[]',
    note: 'Text, split at commas.',
  },
  {
    from: 'debugContext.debugData.behaviors, risk, logOnlySecurityData, threatDetections',
    to: 'unmapped.okta.debugContext',
    note: 'Kept as they come: `{New Device=POSITIVE, …}` is not JSON, others are JSON text; rules look for the text. An empty text instead of an object is nothing.',
  },
  { from: 'transaction.id', to: 'metadata.correlation_uid' },
  {
    from: 'transaction.detail.requestApiTokenId',
    to: 'api.token.uid, facts.tokens',
    note: 'The caller’s API token, as `key:`.',
  },
  { from: 'device.id', to: 'facts.device', note: '`debugData.deviceFingerprint` stands in.' },
  {
    from: 'anything else',
    to: 'unmapped.okta',
    note: 'Names that came in lower case are spelled as Okta spells them.',
  },
];
