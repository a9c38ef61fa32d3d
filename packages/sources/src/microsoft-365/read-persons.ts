// Who did it. `UserId` may be a name, an object id, a SID, `ServicePrincipal_<guid>` or
// `NT AUTHORITY\SYSTEM`; `UserKey` an object id or a PUID; `Actor` and `Target` lists mix six kinds.

import type { DraftUser } from '../ocsf/draft-event.ts';
import { foldPersons, isSomebody, isUuid } from '../reading/fold-person.ts';
import { memberOf, numberOf, objectsOf, textOf } from '../reading/read-text.ts';
import type { AuditRecord } from './open-record.ts';

/** Whose sessions a revocation ended. */
export function targetPersons(record: AuditRecord): string[] {
  const target = readParty(record.get('Target'));
  return foldPersons({ oids: [target.oid], upns: [target.upn] });
}

/** Kinds in `Actor[].Type` and `Target[].Type`. */
const OF_KIND = { name: 1, puid: 3, spn: 4, upn: 5 } as const;

export interface Party {
  oid?: string;
  upn?: string;
  name?: string;
  /** Name of a service. */
  spn?: string;
}

/** One of `Actor[]` or `Target[]`, whose entries are facets of the same thing: picked by kind and shape. */
export function readParty(value: unknown): Party {
  const party: Party = {};
  for (const entry of objectsOf(value).slice(0, 100)) {
    const id = textOf(memberOf(entry, 'ID') ?? memberOf(entry, 'Id') ?? memberOf(entry, 'id'));
    const kind = numberOf(memberOf(entry, 'Type') ?? memberOf(entry, 'type'));
    if (!isSomebody(id)) continue;
    const plain = /^(?:User|ServicePrincipal|Application|Group)_([0-9a-f-]{36})$/i.exec(id)?.[1];
    const oid = plain ?? (isUuid(id) ? id : undefined);
    if (oid !== undefined) party.oid ??= oid;
    else if (kind === OF_KIND.upn || (id.includes('@') && kind !== OF_KIND.puid)) party.upn ??= id;
    else if (kind === OF_KIND.spn) party.spn ??= id;
    // A type such as `User` stands among them, and says nothing of who.
    else if (kind === OF_KIND.name && !/^(user|serviceprincipal|application|group)$/i.test(id))
      party.name ??= id;
  }
  return party;
}

export interface ReadPersons {
  user: DraftUser;
  persons: string[];
  /** Service principal that acted, where no person did. */
  service: string | undefined;
}

/** 0 regular, 2 administrator, 3 data centre, 4 system, 5 application; Log Analytics has them as words. */
const USER_TYPES: ReadonlyMap<string, DraftUser['type']> = new Map([
  ['0', 'User'],
  ['regular', 'User'],
  ['2', 'Admin'],
  ['admin', 'Admin'],
  ['3', 'System'],
  ['dcadmin', 'System'],
  ['4', 'System'],
  ['system', 'System'],
  ['5', 'Service'],
  ['application', 'Service'],
  ['6', 'Service'],
  ['serviceprincipal', 'Service'],
]);

/** A name of the directory; a PUID in a claim (`i:0h.f|membership|..@live.com`) has an @ as well. */
const UPN = /^[^\s@\\|:]{1,256}@[^\s@\\|:]{1,256}$/;

export function readPersons(record: AuditRecord): ReadPersons {
  const actor = readParty(record.get('Actor'));
  const userId = somebody(record.text('UserId'));
  const userKey = somebody(record.text('UserKey'));
  const service = /^ServicePrincipal_([0-9a-f-]{36})$/i.exec(userId ?? '')?.[1];
  const token = somebody(record.text('TokenObjectId'));
  const oids = [token, userKey, userId, service, actor.oid].filter(isUuid);
  // The name of a service principal may be its id with the tenant's domain: no name of a person.
  const upns = [userId, actor.upn, userKey].filter(
    (one) => one !== undefined && UPN.test(one) && !isUuid(one.replace(/@.*$/, '')),
  );
  // A SID or a name of Windows is a person too, of a space of its own.
  const ids = [userId].filter((one) => one !== undefined && /^(S-1-|NT |[^@]+\\)/i.test(one));
  const userType = record.text('UserType')?.toLowerCase();
  const type = service === undefined ? USER_TYPES.get(userType ?? '') : 'Service';
  return {
    user: {
      uid: oids[0] ?? userKey,
      name: upns[0] ?? (service === undefined ? userId : (actor.name ?? userId)),
      type,
    },
    persons: foldPersons({ oids, upns, ids }),
    service: service ?? (type === 'Service' ? oids[0] : undefined),
  };
}

function somebody(text: string | undefined): string | undefined {
  return isSomebody(text) ? text : undefined;
}
