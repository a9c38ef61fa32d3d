// The managed entity of OCSF class 3004: a signing key, a tenant's tag key or a grant. OCSF has no
// type for any of them, so all are "Other" (99) with our own name.

import type { CountersignEvent } from '@countersign/vocabulary';

export function describeEntity(event: CountersignEvent): object {
  const { type, uid } = entityOf(event);
  return { name: uid === undefined ? 'unknown' : undefined, type, type_id: 99, uid };
}

function entityOf({ name, tenant, token, extra }: CountersignEvent): {
  type: string;
  uid: string | undefined;
} {
  if (name === 'tag_key.read') return { type: 'Tag Key', uid: tenant };
  if (name !== 'grant.revoked') return { type: 'Signing Key', uid: token?.kid };
  const grantId = extra?.['grantId'];
  return { type: 'Grant', uid: typeof grantId === 'string' ? grantId : token?.rootAuthId };
}
