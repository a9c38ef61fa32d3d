// The attributes that each OCSF class asks for, drawn from an audit record of Google Cloud.

import { describeUser } from '../ocsf/draft-event.ts';
import { memberOf, objectOf, textOf } from '../reading/read-text.ts';
import type { GcpMeaning } from './gcp-operations.ts';
import { type GcpRecord, lastPart } from './read-gcp.ts';

export function describeClass(gcp: GcpRecord, meaning: GcpMeaning): Record<string, unknown> {
  const { resourceName } = gcp;
  switch (meaning.classUid) {
    case 3001:
      return { user: describeUser({ name: accountOf(gcp), type: 'Service' }) };
    case 3002:
      return {
        auth_protocol: 'OAUTH 2.0',
        auth_protocol_id: 6,
        service: { name: gcp.service },
        user: describeUser({ name: lastPart(resourceName) ?? gcp.email }),
      };
    case 3004:
      return {
        entity: { name: resourceName ?? gcp.method, type: 'Service Account Key', type_id: 99 },
      };
    case 3005:
      return describeGrant(gcp);
    case 6002:
      return { app: { name: gcp.service, vendor_name: 'Google' } };
    case 6005:
      return describeStore(resourceName);
    default:
      return resourceName === undefined ? {} : { resources: [{ uid: resourceName }] };
  }
}

function accountOf(gcp: GcpRecord): string | undefined {
  const made = textOf(memberOf(gcp.response, 'email'));
  return made ?? lastPart(gcp.resourceName) ?? gcp.email;
}

/** Roles and whom they were given to; of several persons the first is the user, the rest are kept. */
function describeGrant({
  deltas,
  resourceName,
  method,
  email,
}: GcpRecord): Record<string, unknown> {
  const roles = deltas
    .map((one) => textOf(memberOf(one, 'role')))
    .filter((one) => one !== undefined);
  const member = textOf(memberOf(objectOf(deltas[0]), 'member'));
  const name = member?.slice(member.indexOf(':') + 1);
  return {
    privileges: roles.length === 0 ? [method] : [...new Set(roles)].slice(0, 100),
    ...(resourceName === undefined ? {} : { resource: { uid: resourceName } }),
    user: describeUser({ name: name ?? email }),
  };
}

function describeStore(resourceName: string | undefined): Record<string, unknown> {
  const [, bucket, object] =
    /\/buckets\/([^/]+)(?:\/objects\/(.+))?$/.exec(resourceName ?? '') ?? [];
  if (bucket === undefined) {
    return {
      databucket: { name: resourceName ?? 'unknown', type: 'Secret', type_id: 99 },
      type_id: 2,
    };
  }
  return {
    databucket: {
      ...(object === undefined
        ? {}
        : { file: { name: lastPart(object) ?? object, path: object, type_id: 1 } }),
      ...{ name: bucket, type: 'GCP Bucket', type_id: 3 },
    },
    type_id: 2,
  };
}
