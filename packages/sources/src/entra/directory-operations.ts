// What happens in a directory, by the names that Entra's audit log (activityDisplayName) and the unified
// audit log (Operation) share. The latter end in a dot; one has an en dash and a trailing blank.

import type { ForeignClass } from '../ocsf/draft-event.ts';

export interface DirectoryOperation {
  classUid: Extract<ForeignClass, 3001 | 3004 | 3005 | 3006>;
  activityId: number;
  /** Type of the managed entity, with class 3004. */
  entity?: string;
  /** It ends sessions or tokens of somebody. */
  revokes?: true;
  /** 1 informational to 5 critical; default 1. */
  severityId?: number;
}

/** For comparison only: without the dot, the blanks around, the case and the kind of dash. */
export function normaliseOperation(operation: string): string {
  return operation
    .replace(/[\u2010-\u2015]/g, '-')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/\.+$/, '')
    .trim()
    .toLowerCase();
}

export function findDirectoryOperation(operation: string): DirectoryOperation | undefined {
  return OPERATIONS.get(normaliseOperation(operation));
}

const account = (activityId: number, more: Partial<DirectoryOperation> = {}) =>
  ({ classUid: 3001, activityId, ...more }) as const;
const entity = (activityId: number, type: string, severityId?: number) =>
  ({
    classUid: 3004,
    activityId,
    entity: type,
    ...(severityId === undefined ? {} : { severityId }),
  }) as const;
const grant = (activityId: 1 | 2, severityId = 3) =>
  ({ classUid: 3005, activityId, severityId }) as const;
const group = (activityId: number) => ({ classUid: 3006, activityId }) as const;

const OPERATIONS: ReadonlyMap<string, DirectoryOperation> = new Map<string, DirectoryOperation>([
  // Applications, their credentials, and who may what through them.
  ['add application', entity(1, 'Application')],
  ['update application', entity(3, 'Application')],
  ['delete application', entity(4, 'Application')],
  ['hard delete application', entity(4, 'Application')],
  ['restore application', entity(99, 'Application')],
  ['update application - certificates and secrets management', entity(3, 'Application', 3)],
  ['add service principal', entity(1, 'Service Principal')],
  ['update service principal', entity(3, 'Service Principal')],
  ['remove service principal', entity(4, 'Service Principal')],
  ['hard delete service principal', entity(4, 'Service Principal')],
  ['add service principal credentials', entity(3, 'Service Principal', 3)],
  ['remove service principal credentials', entity(3, 'Service Principal')],
  ['add owner to application', entity(3, 'Application', 3)],
  ['add owner to service principal', entity(3, 'Service Principal', 3)],
  ['remove owner from application', entity(3, 'Application')],
  ['consent to application', entity(99, 'Application', 3)],
  ['revoke consent', entity(99, 'Application')],
  ['add oauth2permissiongrant', grant(1)],
  ['remove oauth2permissiongrant', grant(2, 1)],
  ['add delegated permission grant', grant(1)],
  ['remove delegated permission grant', grant(2, 1)],
  ['add app role assignment to service principal', grant(1)],
  ['remove app role assignment from service principal', grant(2, 1)],
  ['add app role assignment grant to user', grant(1, 1)],
  ['add app role assignment to group', grant(1, 1)],
  // Roles.
  ['add member to role', grant(1)],
  ['remove member from role', grant(2, 1)],
  ['add eligible member to role', grant(1)],
  ['remove eligible member from role', grant(2, 1)],
  ['add scoped member to role', grant(1)],
  ['add member to role completed (pim activation)', grant(1)],
  ['add member to role in pim completed (permanent)', grant(1)],
  ['add eligible member to role in pim completed (permanent)', grant(1)],
  ['add eligible member to role in pim completed (timebound)', grant(1)],
  ['remove member from role (pim activation expired)', grant(2, 1)],
  // Groups.
  ['add group', group(6)],
  ['update group', group(99)],
  ['delete group', group(5)],
  ['hard delete group', group(5)],
  ['add member to group', group(3)],
  ['remove member from group', group(4)],
  ['add owner to group', group(1)],
  ['remove owner from group', group(2)],
  // Accounts.
  ['add user', account(1)],
  ['invite external user', account(1)],
  ['redeem external user invite', account(99)],
  ['update user', account(99)],
  ['delete user', account(6)],
  ['hard delete user', account(6)],
  ['restore user', account(99)],
  ['enable account', account(2)],
  ['disable account', account(5)],
  ['change user password', account(3)],
  ['change password (self-service)', account(3)],
  ['reset user password', account(4)],
  ['reset password (self-service)', account(4)],
  ['reset password (by admin)', account(4)],
  ['set force change user password', account(99)],
  ['change user license', account(99)],
  ['set user manager', account(99)],
  ['unlock user account (self-service)', account(12)],
  ['update stsrefreshtokenvalidfrom timestamp', account(99, { revokes: true })],
  ['update stsrefreshtokenvalidfrom', account(99, { revokes: true })],
  ['revoke sign-in sessions', account(99, { revokes: true })],
  ['revoke all refresh tokens', account(99, { revokes: true })],
  // Factors.
  ['user registered security info', account(10)],
  ['user registered all required security info', account(10)],
  ['admin registered security info', account(10, { severityId: 3 })],
  ['user changed default security info', account(99)],
  ['user deleted security info', account(11)],
  ['admin deleted security info', account(11, { severityId: 3 })],
  ['enable strong authentication', account(10)],
  ['disable strong authentication', account(11, { severityId: 3 })],
  ['add passwordless phone sign-in credential', account(10)],
  // The trust of the tenant.
  ['set domain authentication', entity(3, 'Domain', 4)],
  ['set federation settings on domain', entity(3, 'Domain', 4)],
  ['add unverified domain', entity(1, 'Domain', 3)],
  ['add verified domain', entity(1, 'Domain', 3)],
  ['verify domain', entity(10, 'Domain', 3)],
  ['remove unverified domain', entity(4, 'Domain')],
  ['remove verified domain', entity(4, 'Domain')],
  ['add partner to company', entity(1, 'Partner', 3)],
  ['set company information', entity(3, 'Organization')],
  ['set directory feature on tenant', entity(3, 'Organization')],
  ['set dirsyncenabled flag', entity(3, 'Organization', 3)],
  ['add conditional access policy', entity(1, 'Policy')],
  ['update conditional access policy', entity(3, 'Policy', 3)],
  ['delete conditional access policy', entity(4, 'Policy', 3)],
  ['add policy', entity(1, 'Policy')],
  ['update policy', entity(3, 'Policy')],
  ['delete policy', entity(4, 'Policy')],
  ['update authorization policy', entity(3, 'Policy', 3)],
  ['authentication methods policy update', entity(3, 'Policy')],
  ['add named location', entity(1, 'Policy')],
  ['update named location', entity(3, 'Policy')],
  // Devices.
  ['add device', entity(1, 'Device')],
  ['update device', entity(3, 'Device')],
  ['delete device', entity(4, 'Device')],
  ['register device', entity(6, 'Device')],
  ['unregister device', entity(7, 'Device')],
  ['add registered owner to device', entity(3, 'Device')],
  ['add registered users to device', entity(3, 'Device')],
]);
