// The attributes that are particular to the OCSF class of an audit of Entra.

import { newScopes, readConsent } from '../microsoft-365/read-permissions.ts';
import { type DraftEvent, describeUser, omitAbsent } from '../ocsf/draft-event.ts';
import type { DirectoryOperation } from './directory-operations.ts';
import { changeIn, type Target } from './read-targets.ts';

export interface AuditFacts {
  targets: readonly Target[];
  activity: string;
  entity: string | undefined;
}

type Parts = DraftEvent['parts'];

export function describeAudit(classUid: DirectoryOperation['classUid'], facts: AuditFacts): Parts {
  return describers[classUid](facts);
}

const describers: Readonly<Record<DirectoryOperation['classUid'], (facts: AuditFacts) => Parts>> = {
  3001: ({ targets }) => ({ user: describeTargetUser(targets) }),
  3004: describeEntity,
  3005: describeGrant,
  3006: describeGroup,
};

function ofType(targets: readonly Target[], ...types: string[]): Target | undefined {
  return targets.find(({ type }) => types.includes(type?.toLowerCase() ?? ''));
}

function describeTargetUser(targets: readonly Target[]): Record<string, unknown> {
  const user = ofType(targets, 'user') ?? targets[0];
  const service = ofType(targets, 'user') === undefined && user?.type === 'ServicePrincipal';
  return describeUser({
    uid: user?.id,
    name: user?.upn ?? user?.name,
    type: service ? 'Service' : 'User',
  });
}

function describeEntity({ targets, entity, activity }: AuditFacts): Parts {
  const [target] = targets;
  const uid = target?.id;
  const name = target?.name ?? target?.upn ?? (uid === undefined ? activity : undefined);
  return {
    entity: omitAbsent({ name, type: entity ?? target?.type ?? 'Other', type_id: 99, uid }),
  };
}

function describeGrant({ targets, activity }: AuditFacts): Parts {
  const after = (name: string): string | undefined => changeIn(targets, name)?.after;
  const words = (text: string | undefined): string[] =>
    (text ?? '').split(/\s+/).filter((word) => word !== '');
  const role = after('Role.DisplayName') ?? changeIn(targets, 'Role.DisplayName')?.before;
  const privileges = [
    ...new Set([
      ...newScopes(readConsent(after('ConsentAction.Permissions'))),
      ...words(after('DelegatedPermissionGrant.Scope')),
      ...words(after('AppRole.Value')),
      ...(role === undefined ? [] : [role]),
    ]),
  ];
  const resource = ofType(targets, 'role', 'serviceprincipal', 'application');
  return omitAbsent({
    privileges: privileges.length === 0 ? [activity] : privileges,
    resource:
      resource?.id === undefined && resource?.name === undefined
        ? undefined
        : omitAbsent({ name: resource.name, type: resource.type, uid: resource.id }),
    user: describeTargetUser(targets),
  });
}

function describeGroup({ targets }: AuditFacts): Parts {
  const group = ofType(targets, 'group');
  const held = (name: string): string | undefined => {
    const change = changeIn(targets, name);
    return change?.after ?? change?.before;
  };
  const uid = group?.id ?? held('Group.ObjectID');
  const name =
    group?.name ?? held('Group.DisplayName') ?? (uid === undefined ? 'unknown' : undefined);
  const user = ofType(targets, 'user');
  return omitAbsent({
    group: omitAbsent({ name, uid }),
    user: user === undefined ? undefined : describeTargetUser(targets),
  });
}
