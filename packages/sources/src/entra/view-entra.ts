// A sign-in or audit of Entra under the names that public rules use (reference: detection §2, audit
// §6.2), beside the raw one. Rules were written for Log Analytics, for Graph and for exports alike.

import { asText } from '../reading/name-values.ts';
import { listOf, textOf } from '../reading/read-text.ts';
import { openEntraRecord } from './open-entra-record.ts';

const TWINS = [
  ...([
    'AppId',
    'AppDisplayName',
    'UserPrincipalName',
    'UserId',
    'IPAddress',
    'UserAgent',
  ] as const),
  ...(['ClientAppUsed', 'ConditionalAccessStatus', 'AuthenticationRequirement'] as const),
  ...(['AuthenticationProtocol', 'ResourceDisplayName', 'CorrelationId', 'RiskState'] as const),
  ...(['Category', 'LoggedByService', 'Result', 'ResultReason', 'Identity'] as const),
];
const ACTIVITY_NAMES = [
  ...(['OperationName', 'operationName', 'properties.message', 'ActivityDisplayName'] as const),
  ...(['ActivityType', 'activityType'] as const),
];

/** Only the aliases; a name that the record itself has is not replaced. */
export function viewEntra(
  given: Readonly<Record<string, unknown>>,
): Record<string, string | string[]> {
  const record = openEntraRecord(given);
  const view: Record<string, string | string[]> = {};
  const set = (name: string, value: string | string[] | undefined): void => {
    if (value !== undefined && !Object.hasOwn(given, name)) view[name] = value;
  };
  for (const name of TWINS) set(name, record.text(name));
  const activity = record.text('activityDisplayName');
  const protocol = record.text('authenticationProtocol');
  if (activity !== undefined) for (const name of ACTIVITY_NAMES) set(name, activity);
  else if (protocol !== undefined) set('properties.message', spellProtocol(protocol));
  const code = record.inside('status', 'errorCode') ?? record.text('resultType');
  set('ResultType', code);
  set('Status', code === '0' ? 'Success' : code === undefined ? undefined : 'Failure');
  const reason = record.inside('status', 'failureReason') ?? record.text('resultDescription');
  set('ResultDescription', reason);
  const targets = record.get('targetResources');
  set('TargetResources', asText(targets));
  set('properties.targetResources', asText(targets));
  set('properties.result', record.text('result'));
  const risks = [
    ...listOf(record.get('riskEventTypes')),
    ...listOf(record.get('riskEventTypes_v2')),
  ]
    .map(textOf)
    .filter((risk) => risk !== undefined);
  set('riskEventType', risks.length === 0 ? undefined : [...new Set(risks)]);
  return view;
}

/** As the portal spells it, and the rules. */
function spellProtocol(protocol: string): string {
  if (/^ropc$/i.test(protocol)) return 'ROPC';
  return /^devicecode$/i.test(protocol) ? 'Device Code' : protocol;
}
