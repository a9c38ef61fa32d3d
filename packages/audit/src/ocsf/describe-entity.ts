// The managed entity of OCSF class 3004: a signing key, a tenant's tag key, a grant, a dump or an
// operator. OCSF has no type for any of them, so all are "Other" (99) with our own name.

import type { CountersignEvent } from '@countersign/vocabulary';

export function describeEntity(event: CountersignEvent): object {
  const { type, uid } = entityOf(event);
  return { name: uid === undefined ? 'unknown' : undefined, type, type_id: 99, uid };
}

interface Entity {
  type: string;
  uid: string | undefined;
}

function entityOf({ name, tenant, token, extra }: CountersignEvent): Entity {
  const textOf = (member: string): string | undefined => {
    const value = extra?.[member];
    return typeof value === 'string' ? value : undefined;
  };
  switch (name) {
    case 'tag_key.read':
      return { type: 'Tag Key', uid: tenant };
    case 'grant.revoked':
      return { type: 'Grant', uid: textOf('grantId') ?? token?.rootAuthId };
    case 'dump.released':
      return { type: 'Dump', uid: textOf('sha256') };
    case 'operator.created':
      return { type: 'Operator', uid: textOf('operator') };
    default:
      // Events of a whole signer or issuer name no key.
      return { type: 'Signing Key', uid: token?.kid ?? textOf('signer') ?? token?.issuer };
  }
}
