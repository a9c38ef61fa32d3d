// The managed entity of OCSF class 3004: a signing key or a grant. OCSF has no type for either, so
// both are "Other" (99) with our own name.

import type { CountersignEvent } from '@countersign/vocabulary';

export function describeEntity(event: CountersignEvent): object {
  const isGrant = event.name === 'grant.revoked';
  const grantId = event.extra?.['grantId'];
  const uid = isGrant
    ? typeof grantId === 'string'
      ? grantId
      : event.token?.rootAuthId
    : event.token?.kid;
  return {
    name: uid === undefined ? 'unknown' : undefined,
    type: isGrant ? 'Grant' : 'Signing Key',
    type_id: 99,
    uid,
  };
}
