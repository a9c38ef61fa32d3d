// The mapping of the unified audit log, field by field: rendered into docs/sources.md. A member of a
// record that is not named here is kept under `unmapped`.

import type { FieldNote } from '../map-record.ts';

export const microsoft365Fields: readonly FieldNote[] = [
  {
    from: 'AuditData',
    to: 'the record itself',
    note: 'JSON text of Purview and Search-UnifiedAuditLog exports; when it is torn, the other columns are used, facts.gap is truncated',
  },
  { from: 'Id', to: 'metadata.original_event_uid', note: 'key; exports repeat records' },
  { from: 'CreationTime', to: 'time, metadata.original_time', note: 'names no zone: UTC' },
  {
    from: 'TimeGenerated',
    to: 'time',
    note: 'Log Analytics; Start_Time, which is later, is not used',
  },
  {
    from: 'Operation',
    to: 'class_uid, activity_id, metadata.event_code, api.operation, facts.operation',
    note: 'a trailing dot, blanks and the kind of dash are ignored when it is looked up',
  },
  { from: 'Workload', to: 'metadata.log_name, service.name, api.service.name' },
  { from: 'RecordType', to: 'class_uid', note: '40 is an alert; 2, 3 and 50 are of a mailbox' },
  { from: 'OrganizationId', to: 'facts.tenant' },
  {
    from: 'ResultStatus',
    to: 'status, status_id, status_code, facts.outcome',
    note: 'True, Success, Succeeded, PartiallySucceeded are good; absent too; not believed of a sign-in',
  },
  {
    from: 'ErrorNumber',
    to: 'status_code, status_id',
    note: '"0" is good; a UserLoggedIn with another is neither a success nor a failure',
  },
  { from: 'LogonError', to: 'status_detail' },
  {
    from: 'UserId',
    to: 'user.name, actor.user.name, facts.persons',
    note: 'a name, an id, a SID, ServicePrincipal_<guid>; NOT-FOUND is nobody; folded to lower case for joining only',
  },
  {
    from: 'UserKey',
    to: 'user.uid, actor.user.uid, facts.persons',
    note: 'an object id, or a PUID',
  },
  {
    from: 'UserType',
    to: 'user.type, actor.user.type',
    note: 'a number, or a word in Log Analytics',
  },
  { from: 'TokenObjectId', to: 'actor.user.uid, facts.persons' },
  { from: 'TokenTenantId', to: 'facts.tenant', note: 'where there is no OrganizationId' },
  { from: 'Actor', to: 'actor.user', note: 'facets of one party, picked by type and shape' },
  { from: 'Target', to: 'user, entity, resource', note: 'as Actor' },
  { from: 'TargetUserOrGroupName', to: 'unmapped' },
  {
    from: 'ClientIP',
    to: 'src_endpoint.ip, src_endpoint.port, facts.ip',
    note: 'v4, v4:port, [v6]:port; empty is absent',
  },
  { from: 'ClientIPAddress', to: 'src_endpoint.ip, facts.ip', note: 'mail; wins over ClientIP' },
  { from: 'ActorIpAddress', to: 'src_endpoint.ip, facts.ip', note: 'Entra' },
  { from: 'UserAgent', to: 'http_request.user_agent, facts.userAgent' },
  {
    from: 'ExtendedProperties',
    to: 'unmapped.microsoft_365.extended_properties',
    note: 'as a map',
  },
  {
    from: 'ExtendedProperties[additionalDetails]',
    to: 'unmapped.microsoft_365.additional_details',
    note: 'JSON text, as a map',
  },
  {
    from: 'DeviceProperties',
    to: 'unmapped.microsoft_365.device_properties, facts.device, facts.sessions',
    note: 'as a map',
  },
  {
    from: 'OperationProperties',
    to: 'unmapped.microsoft_365.operation_properties',
    note: 'as a map',
  },
  {
    from: 'Parameters',
    to: 'unmapped.microsoft_365.parameters, privileges',
    note: 'Name and Value, or one PowerShell string; as a map',
  },
  {
    from: 'ModifiedProperties',
    to: 'unmapped.microsoft_365.modified_properties, privileges',
    note: 'name, before, after; bare strings count as names',
  },
  {
    from: 'ModifiedProperties[ConsentAction.Permissions]',
    to: 'privileges',
    note: 'text [] => [[Id: .., Scope: ..]]: the scopes that are new',
  },
  {
    from: 'ModifiedProperties[ConsentContext.OnBehalfOfAll]',
    to: 'unmapped.microsoft_365.consent.tenant_wide',
    note: 'or ConsentType AllPrincipals; IsAdminConsent alone is not tenant-wide',
  },
  {
    from: 'ModifiedProperties[KeyDescription]',
    to: 'unmapped.microsoft_365.keys',
    note: 'pseudo text [KeyIdentifier=.., KeyType=..]',
  },
  {
    from: 'EventData',
    to: 'unmapped.microsoft_365.event_data',
    note: 'XML fragments, flat, as a map',
  },
  {
    from: 'AppAccessContext.UniqueTokenId',
    to: 'authentication_token.uid, api.token.uid, facts.tokens',
    note: 'uti, exact case; whoever forges a token picks it',
  },
  { from: 'AppAccessContext.AADSessionId', to: 'session.uid, actor.session.uid, facts.sessions' },
  {
    from: 'AppAccessContext.IssuedAtTime',
    to: 'facts.tokenIssuedMs',
    note: '1601 and 0001 are absent',
  },
  { from: 'SessionId', to: 'session.uid, actor.session.uid, facts.sessions' },
  { from: 'AppId', to: 'actor.app_uid, facts.app', note: 'the front door' },
  {
    from: 'ClientAppId',
    to: 'actor.app_uid, facts.client',
    note: 'the caller; wins in actor.app_uid',
  },
  { from: 'AppAccessContext.ClientAppId', to: 'actor.app_uid, facts.client' },
  {
    from: 'ClientInfoString',
    to: 'http_request.user_agent, facts.userAgent, facts.app',
    note: 'where there is no application: facts.app is info:REST and the like',
  },
  { from: 'ApplicationId', to: 'service.uid, facts.app' },
  { from: 'ObjectId', to: 'file.path, entity, facts.resource, facts.items' },
  { from: 'MailboxOwnerUPN', to: 'databucket.name, facts.resource, facts.items[].in' },
  { from: 'MailboxGuid', to: 'databucket.uid' },
  {
    from: 'Folders',
    to: 'facts.items, count',
    note: 'Bind: each message by InternetMessageId with its folder; they repeat across records',
  },
  {
    from: 'Item',
    to: 'facts.items',
    note: 'Sync: its ParentFolder, all of which is taken for read',
  },
  { from: 'AffectedItems', to: 'facts.items, count' },
  {
    from: 'OperationProperties[MailAccessType]',
    to: 'facts.itemsComplete, facts.gap',
    note: 'Sync: not complete, aggregated',
  },
  {
    from: 'OperationProperties[IsThrottled]',
    to: 'facts.itemsComplete, facts.gap',
    note: 'True: not complete, throttled',
  },
  {
    from: 'OperationCount',
    to: 'facts.itemsComplete',
    note: 'more than the items listed: not complete, truncated',
  },
  { from: 'SourceFileName', to: 'file.name, facts.items[].name' },
  { from: 'SiteUrl', to: 'facts.resource, facts.items[].in' },
  { from: 'ListItemUniqueId', to: 'file.uid' },
  { from: 'ItemType', to: 'file.type_id, facts.items[].kind' },
  { from: 'AlertId', to: 'finding_info.uid' },
  { from: 'Name', to: 'finding_info.title', note: 'of an alert' },
  { from: 'Comments', to: 'finding_info.desc', note: 'of an alert' },
  { from: 'Category', to: 'finding_info.types', note: 'of an alert' },
  { from: 'CorrelationId', to: 'metadata.correlation_uid' },
  {
    from: 'SignInActivityId',
    to: 'api.token.uid, facts.tokens',
    note: 'Graph activity: the claim uti',
  },
  {
    from: 'RequestUri',
    to: 'api.operation, facts.resource, facts.items',
    note: 'Graph activity: with ids as {id}; a list of messages is not complete',
  },
];

/** Names that are read, folded, in any wrapping: the rest of a record goes to `unmapped`. */
export const microsoft365Names: ReadonlySet<string> = new Set([
  ...microsoft365Fields
    .map(({ from }) => from.replace(/[.[].*$/, '').toLowerCase())
    // Kept as it is as well: it says more than the class it leads to.
    .filter((name) => !['recordtype', 'targetuserorgroupname', 'appaccesscontext'].includes(name)),
  // The wrapping of an export, and columns that are another name of what is read.
  ...['creationdate', 'operations', 'userids', 'recordid', 'identity', 'type', 'officeid'],
  ...['officeobjectid', 'officeworkload', 'officetenantid', 'client_ipaddress', 'userid_'],
]);
