// The documented map of ECS, field by field; a test renders it into the page of sources.

import type { FieldNote } from '../map-record.ts';

export const ecsFields: readonly FieldNote[] = [
  {
    from: '_source',
    to: 'the record',
    note: 'An export of an index is opened; `_id` stands in for `event.id`.',
  },
  { from: '@timestamp', to: 'time, metadata.original_time' },
  {
    from: 'event.id',
    to: 'metadata.original_event_uid',
    note: 'The key; then `_id`, then a hash of the event.',
  },
  {
    from: 'event.category, event.type',
    to: 'class_uid, activity_id, facts.kind',
    note: 'Text or a list; authentication, session, iam, configuration, file and database by class, everything else as API Activity; a category that is none is counted.',
  },
  {
    from: 'event.action, event.dataset, event.provider',
    to: 'metadata.event_code, metadata.log_name, api.service.name, facts.operation',
  },
  { from: 'event.outcome, event.reason', to: 'status_id, status_detail, facts.outcome' },
  { from: 'event.severity', to: 'unmapped.ecs.event', note: 'Has no scale in ECS.' },
  { from: 'user.id, user.name, user.email', to: 'actor.user, user, facts.persons' },
  { from: 'user.target.*, user.effective.*', to: 'user', note: 'Whom a change is about.' },
  { from: 'source.ip, client.ip', to: 'src_endpoint.ip, facts.ip', note: 'Or `source.address`.' },
  { from: 'source.as.number', to: 'facts.asn' },
  { from: 'user_agent.original', to: 'http_request.user_agent, facts.userAgent' },
  { from: 'file.path, file.name', to: 'file, facts.items' },
  { from: 'group.id, group.name', to: 'group' },
  { from: 'cloud.account.id, organization.id', to: 'facts.tenant' },
  { from: 'aws.cloudtrail.user_identity.access_key_id', to: 'facts.tokens', note: 'As `key:`.' },
  {
    from: 'okta.authentication_context.external_session_id',
    to: 'facts.sessions',
    note: 'As `sid:`.',
  },
  {
    from: 'azure.signinlogs.properties.unique_token_identifier',
    to: 'facts.tokens',
    note: 'As `uti:`.',
  },
  { from: 'anything else', to: 'unmapped.ecs', note: 'The whole event, secrets masked.' },
];
