// The attributes that each OCSF class asks for, drawn from the identity and the parameters of a call.

import { type LooseObject, memberOf, objectsOf, textOf } from '../reading/read-text.ts';
import { issuedCredentialOf } from './cloudtrail-facts.ts';
import type { CloudTrailMeaning } from './cloudtrail-operations.ts';
import { type AwsIdentity, describeAwsUser } from './describe-aws-identity.ts';
import { type CloudTrailRecord, truthOf } from './read-cloudtrail.ts';

export function describeClass(
  trail: CloudTrailRecord,
  identity: AwsIdentity,
  meaning: CloudTrailMeaning,
  key: string,
): Record<string, unknown> {
  switch (meaning.classUid) {
    case 3001:
      return { user: affectedOf(trail, identity) };
    case 3002:
      return describeTicket(trail, identity);
    case 3004:
      return { entity: describeEntity(trail) };
    case 3006:
      return describeGroupChange(trail);
    case 2004:
      return {
        finding_info: { title: `${trail.name} of ${trail.source}`, types: ['Insight'], uid: key },
      };
    case 6002:
      return { app: describeWatcher(trail) };
    case 6005:
      return describeStore(trail);
    default:
      return { resources: describeResources(trail.record) };
  }
}

function affectedOf(trail: CloudTrailRecord, identity: AwsIdentity): Record<string, unknown> {
  const name = textOf(memberOf(trail.request, 'userName'));
  if (name === undefined) return describeAwsUser(identity);
  const made = memberOf(trail.response, 'user') as LooseObject | undefined;
  const uid = typeof made === 'object' ? textOf(memberOf(made, 'arn')) : undefined;
  return { name, type: 'IAMUser', type_id: 1, ...(uid === undefined ? {} : { uid }) };
}

function describeTicket(trail: CloudTrailRecord, identity: AwsIdentity): Record<string, unknown> {
  const issued = issuedCredentialOf(trail);
  const mfa = truthOf(memberOf(trail.extra, 'MFAUsed')) ?? identity.isMfa;
  const saml = trail.name.endsWith('WithSAML');
  const web = trail.name.endsWith('WithWebIdentity') || trail.name.startsWith('CreateToken');
  return {
    ...(issued === undefined
      ? {}
      : {
          authentication_token: {
            created_time: trail.timeMs,
            type: 'Access Key',
            type_id: 99,
            uid: issued.id,
            ...(issued.expiresMs === undefined ? {} : { expiration_time: issued.expiresMs }),
          },
        }),
    ...(saml ? { auth_protocol: 'SAML', auth_protocol_id: 5 } : {}),
    ...(web ? { auth_protocol: 'OpenID', auth_protocol_id: 4 } : {}),
    ...(mfa === undefined ? {} : { is_mfa: mfa }),
    service: { name: trail.source },
    user: describeAwsUser(identity),
  };
}

const ENTITIES: readonly [string, string][] = [
  ['roleName', 'IAM Role'],
  ['policyName', 'IAM Policy'],
  ['policyArn', 'IAM Policy'],
  ['instanceProfileName', 'Instance Profile'],
  ['sAMLProviderArn', 'SAML Provider'],
  ['openIDConnectProviderArn', 'OpenID Connect Provider'],
  ['serverCertificateName', 'Server Certificate'],
  ['name', 'IAM Entity'],
  ['userName', 'IAM User'],
];

function describeEntity({ request, name: operation }: CloudTrailRecord): Record<string, unknown> {
  for (const [parameter, type] of ENTITIES) {
    const name = textOf(memberOf(request, parameter));
    if (name !== undefined) return { name, type, type_id: type === 'IAM Policy' ? 5 : 99 };
  }
  return { name: operation, type: 'IAM Entity', type_id: 99 };
}

function describeGroupChange(trail: CloudTrailRecord): Record<string, unknown> {
  const user = textOf(memberOf(trail.request, 'userName'));
  const policy =
    textOf(memberOf(trail.request, 'policyArn')) ?? textOf(memberOf(trail.request, 'policyName'));
  return {
    group: { name: textOf(memberOf(trail.request, 'groupName')) ?? 'unknown' },
    ...(policy === undefined ? {} : { privileges: [policy] }),
    ...(user === undefined ? {} : { user: { name: user, type: 'IAMUser', type_id: 1 } }),
  };
}

function describeWatcher({ source, request }: CloudTrailRecord): Record<string, unknown> {
  const uid = textOf(memberOf(request, 'name')) ?? textOf(memberOf(request, 'detectorId'));
  return { name: source, vendor_name: 'AWS', ...(uid === undefined ? {} : { uid }) };
}

function describeStore(trail: CloudTrailRecord): Record<string, unknown> {
  const { request, source } = trail;
  const bucket = textOf(memberOf(request, 'bucketName'));
  if (source.startsWith('dynamodb')) {
    return { table: { name: textOf(memberOf(request, 'tableName')) ?? 'unknown' }, type_id: 3 };
  }
  if (source.startsWith('s3')) {
    const key = textOf(memberOf(request, 'key'));
    const file = key === undefined ? {} : { file: { name: lastPart(key), path: key, type_id: 1 } };
    return {
      databucket: { name: bucket ?? 'unknown', type: 'S3', type_id: 1, ...file },
      type_id: 2,
    };
  }
  const [secret] = [memberOf(request, 'secretId'), memberOf(request, 'name')].map(textOf);
  const named = secret ?? textOf(memberOf(request, 'name')) ?? textOf(memberOf(request, 'path'));
  return { databucket: { name: named ?? source, type: 'Secret', type_id: 99 }, type_id: 2 };
}

function lastPart(key: string): string {
  return key.slice(key.lastIndexOf('/', key.length - 2) + 1) || key;
}

function describeResources(record: LooseObject): Record<string, unknown>[] | undefined {
  const resources = memberOf(record, 'resources');
  if (!Array.isArray(resources)) return undefined;
  const described = objectsOf(resources.slice(0, 100))
    .map((one) => {
      const uid =
        textOf(memberOf(one, 'ARN')) ??
        textOf(memberOf(one, 'arn')) ??
        textOf(memberOf(one, 'ARNPrefix'));
      const type = textOf(memberOf(one, 'type'));
      return uid === undefined ? undefined : { uid, ...(type === undefined ? {} : { type }) };
    })
    .filter((one) => one !== undefined);
  return described.length === 0 ? undefined : described;
}
