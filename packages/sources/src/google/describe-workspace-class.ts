// The attributes that each OCSF class asks for, drawn from the parameters of a Workspace event.

import { describeUser } from '../ocsf/draft-event.ts';
import type { Activity } from './read-activity.ts';
import { parameterOf, textsOf } from './read-parameters.ts';
import type { WorkspaceMeaning } from './workspace-operations.ts';

export function describeClass(
  activity: Activity,
  meaning: WorkspaceMeaning,
): Record<string, unknown> {
  switch (meaning.classUid) {
    case 3001:
      return { user: affectedOf(activity) };
    case 3002:
      return describeTicket(activity, meaning);
    case 3004:
      return { entity: describeEntity(activity) };
    case 3005:
      return { privileges: privilegesOf(activity), user: affectedOf(activity) };
    case 3006:
      return describeGroupChange(activity);
    case 2004:
      return {
        finding_info: {
          title: parameterOf(activity.parameters, 'rule_name') ?? activity.name,
          types: [activity.type ?? activity.application],
          uid: activity.key,
        },
      };
    case 6005:
      return {
        databucket: { name: activity.email ?? 'unknown', type: 'Mailbox', type_id: 99 },
        type_id: 2,
      };
    case 6006:
      return { file: describeFile(activity) };
    default:
      return {
        api: { operation: activity.name, service: { name: activity.application } },
        resources: resourcesOf(activity),
      };
  }
}

function affectedOf({ parameters, email, profile }: Activity): Record<string, unknown> {
  const named = parameterOf(parameters, 'user_email', 'affected_email_address');
  return describeUser(
    named === undefined
      ? { name: email, uid: profile, type: 'User' }
      : { name: named, type: 'User' },
  );
}

function describeTicket(activity: Activity, meaning: WorkspaceMeaning): Record<string, unknown> {
  const { application, parameters } = activity;
  const app = parameterOf(parameters, 'app_name', 'application_name');
  const uid = parameterOf(parameters, 'client_id', 'app_client_id');
  const saml = application === 'saml' || parameterOf(parameters, 'login_type') === 'saml';
  const challenges = textsOf(parameters, 'login_challenge_method').filter((one) => one !== 'none');
  return {
    ...(saml ? { auth_protocol: 'SAML', auth_protocol_id: 5 } : {}),
    ...(meaning.kind === 'token' ? { auth_protocol: 'OAUTH 2.0', auth_protocol_id: 6 } : {}),
    ...(challenges.length === 0 ? {} : { auth_factors: challenges.slice(0, 10).map(factorOf) }),
    service: { name: app ?? uid ?? 'Google', ...(uid === undefined ? {} : { uid }) },
    user: affectedOf(activity),
  };
}

const FACTORS: readonly [RegExp, number][] = [
  [/password/, 11],
  [/security_key|passkey/, 10],
  [/google_prompt/, 5],
  [/otp|authenticator|backup_code/, 7],
  [/text|sms/, 1],
  [/call/, 3],
  [/email/, 8],
];

function factorOf(method: string): Record<string, unknown> {
  const found = FACTORS.find(([pattern]) => pattern.test(method));
  return { factor_type: method, factor_type_id: found?.[1] ?? 99 };
}

function describeEntity({
  parameters,
  application,
  type,
  name,
}: Activity): Record<string, unknown> {
  const device = parameterOf(parameters, 'device_id', 'resource_id');
  if (application === 'mobile') {
    return { name: device ?? name, type: 'Device', type_id: 1 };
  }
  const named = parameterOf(
    parameters,
    ...[
      'setting_name',
      'role_name',
      'application_name',
      'domain_name',
      'user_email',
      'org_unit_name',
    ],
  );
  return { name: named ?? name, type: type ?? 'Unknown', type_id: 99 };
}

function privilegesOf({ parameters, name }: Activity): string[] {
  return [parameterOf(parameters, 'role_name', 'privilege_name') ?? name];
}

function describeGroupChange({ parameters }: Activity): Record<string, unknown> {
  const member = parameterOf(parameters, 'user_email', 'member_id', 'member');
  return {
    group: { name: parameterOf(parameters, 'group_email', 'group_id') ?? 'unknown' },
    ...(member === undefined ? {} : { user: describeUser({ name: member, type: 'User' }) }),
  };
}

function describeFile({ parameters }: Activity): Record<string, unknown> {
  const uid = parameterOf(parameters, 'doc_id', 'item_id');
  const type = parameterOf(parameters, 'doc_type');
  const owner = parameterOf(parameters, 'owner');
  return {
    name: parameterOf(parameters, 'doc_title', 'item_name') ?? uid ?? 'unknown',
    ...(owner === undefined ? {} : { owner: describeUser({ name: owner }) }),
    ...(type === undefined ? {} : { type }),
    type_id: type === 'folder' || type === 'shared_drive' ? 2 : 1,
    ...(uid === undefined ? {} : { uid }),
  };
}

function resourcesOf({ parameters }: Activity): Record<string, unknown>[] | undefined {
  const uid = parameterOf(parameters, 'resource_name', 'calendar_id', 'conference_id', 'app_id');
  return uid === undefined ? undefined : [{ uid }];
}
