// The managed entity of OCSF class 3004: a signing key, an app, a consent, a reader, a policy. OCSF has
// a type for the last only; all others are "Other" (99) with our own name.

import type { CountersignEvent, EventName } from '@countersign/vocabulary';
import type { OcsfManagedEntity } from './schema/ocsf-objects.ts';

export function describeEntity(event: CountersignEvent): OcsfManagedEntity {
  const { item } = event;
  if (event.name === 'policy.changed') {
    // The one of our entities that OCSF has a type for.
    const policy = { name: item?.name ?? item?.kind ?? 'unknown', uid: item?.id };
    return { policy, type: 'Policy', type_id: 5 };
  }
  const { type, uid, name } = entityOf(event);
  return { name: name ?? (uid === undefined ? 'unknown' : undefined), type, type_id: 99, uid };
}

interface Entity {
  type: string;
  uid: string | undefined;
  name?: string | undefined;
}

/** What the item of an event is called in OCSF; the id is the item's. */
const ITEM_TYPES: Partial<Record<EventName, string>> = {
  'tenant.created': 'Tenant',
  'client.created': 'Application',
  'client.changed': 'Application',
  'client.removed': 'Application',
  'consent.granted': 'Consent',
  'consent.withdrawn': 'Consent',
  'federation.changed': 'Federation Trust',
  'jwks.published': 'Key Set',
  'jwks.changed': 'Key Set',
  'operator.ended': 'Operator',
  'reader.created': 'Reader',
  'reader.ended': 'Reader',
  'search.saved': 'Saved Search',
  'search.removed': 'Saved Search',
  'claim.published': 'Claim',
  'claim.corrected': 'Claim',
};

function entityOf({ name, tenant, token, extra, item }: CountersignEvent): Entity {
  const textOf = (member: string): string | undefined => {
    const value = extra?.[member];
    return typeof value === 'string' ? value : undefined;
  };
  const type = ITEM_TYPES[name];
  if (type !== undefined) return { type, uid: item?.id ?? token?.issuer, name: item?.name };
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
