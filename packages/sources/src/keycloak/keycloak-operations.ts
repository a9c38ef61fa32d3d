// What Keycloak's event types, and the operations of its admin events, mean.

import type { ActivityFacts } from '@countersign/vocabulary';
import type { ForeignClass } from '../ocsf/draft-event.ts';
import type { KeycloakRecord } from './read-keycloak.ts';

export interface KeycloakMeaning {
  classUid: ForeignClass;
  activityId: number;
  kind: ActivityFacts['kind'];
  recognised: boolean;
}

type Row = readonly [ForeignClass, number, ActivityFacts['kind']];

/** Types of events; the same with `_ERROR` is the same, failed. */
const EVENTS: Readonly<Record<string, Row>> = {
  LOGIN: [3002, 1, 'sign_in'],
  CLIENT_LOGIN: [3002, 3, 'token'],
  IDENTITY_PROVIDER_LOGIN: [3002, 1, 'sign_in'],
  IDENTITY_PROVIDER_FIRST_LOGIN: [3002, 1, 'sign_in'],
  IDENTITY_PROVIDER_POST_LOGIN: [3002, 6, 'other'],
  IDENTITY_PROVIDER_RESPONSE: [3002, 6, 'other'],
  LOGOUT: [3002, 2, 'revocation'],
  CODE_TO_TOKEN: [3002, 3, 'token'],
  PERMISSION_TOKEN: [3002, 3, 'token'],
  OAUTH2_DEVICE_CODE_TO_TOKEN: [3002, 3, 'token'],
  AUTHREQID_TO_TOKEN: [3002, 3, 'token'],
  TOKEN_EXCHANGE: [3002, 4, 'token'],
  REFRESH_TOKEN: [3002, 5, 'token'],
  OAUTH2_DEVICE_AUTH: [3002, 6, 'other'],
  OAUTH2_DEVICE_VERIFY_USER_CODE: [3002, 6, 'other'],
  PUSHED_AUTHORIZATION_REQUEST: [3002, 6, 'other'],
  RESTART_AUTHENTICATION: [3002, 6, 'other'],
  IMPERSONATE: [3002, 7, 'sign_in'],
  INTROSPECT_TOKEN: [3002, 99, 'other'],
  VALIDATE_ACCESS_TOKEN: [3002, 99, 'other'],
  REVOKE_GRANT: [3002, 99, 'revocation'],
  OAUTH2_EXTENSION_GRANT: [3002, 3, 'token'],
  USER_INFO_REQUEST: [6003, 2, 'access'],
  REGISTER: [3001, 1, 'change'],
  DELETE_ACCOUNT: [3001, 6, 'change'],
  UPDATE_PASSWORD: [3001, 3, 'change'],
  RESET_PASSWORD: [3001, 4, 'change'],
  SEND_RESET_PASSWORD: [3001, 4, 'change'],
  UPDATE_TOTP: [3001, 10, 'change'],
  REMOVE_TOTP: [3001, 11, 'change'],
  UPDATE_CREDENTIAL: [3001, 10, 'change'],
  REMOVE_CREDENTIAL: [3001, 11, 'change'],
  USER_DISABLED_BY_PERMANENT_LOCKOUT: [3001, 9, 'change'],
  USER_DISABLED_BY_TEMPORARY_LOCKOUT: [3001, 9, 'change'],
  UPDATE_PROFILE: [3001, 99, 'change'],
  UPDATE_EMAIL: [3001, 99, 'change'],
  VERIFY_EMAIL: [3001, 99, 'change'],
  SEND_VERIFY_EMAIL: [3001, 99, 'change'],
  VERIFY_PROFILE: [3001, 99, 'change'],
  FEDERATED_IDENTITY_LINK: [3001, 99, 'change'],
  REMOVE_FEDERATED_IDENTITY: [3001, 99, 'change'],
  EXECUTE_ACTIONS: [3001, 99, 'change'],
  EXECUTE_ACTION_TOKEN: [3001, 99, 'change'],
  CUSTOM_REQUIRED_ACTION: [3001, 99, 'change'],
  GRANT_CONSENT: [3004, 1, 'change'],
  UPDATE_CONSENT: [3004, 3, 'change'],
  CLIENT_REGISTER: [3004, 1, 'change'],
  CLIENT_UPDATE: [3004, 3, 'change'],
  CLIENT_DELETE: [3004, 4, 'change'],
  CLIENT_INITIATED_ACCOUNT_LINKING: [3001, 99, 'change'],
};

const CHANGES: Readonly<Record<string, number>> = { CREATE: 1, UPDATE: 3, DELETE: 4, ACTION: 99 };

export function keycloakMeaningOf(event: KeycloakRecord): KeycloakMeaning {
  if (event.type === undefined) return ofAdmin(event);
  const name = event.type.replace(/_ERROR$/, '');
  const row = Object.hasOwn(EVENTS, name) ? EVENTS[name] : undefined;
  if (row === undefined) {
    return { classUid: 6003, activityId: 99, kind: 'other', recognised: false };
  }
  const [classUid, activityId, kind] = row;
  return { classUid, activityId, kind, recognised: true };
}

function ofAdmin({
  operationType = '',
  resourceType,
  resourcePath = '',
}: KeycloakRecord): KeycloakMeaning {
  const change = (classUid: ForeignClass, activityId: number): KeycloakMeaning => ({
    ...{ classUid, activityId, kind: 'change' },
    recognised: Object.hasOwn(CHANGES, operationType),
  });
  const [made, ended] = [operationType === 'CREATE', operationType === 'DELETE'];
  const either = (one: number, other: number): number => (made ? one : ended ? other : 99);
  switch (resourceType) {
    case 'USER':
      if (/\/reset-password$/.test(resourcePath)) return change(3001, 4);
      if (/\/logout$/.test(resourcePath)) return { ...change(3002, 2), kind: 'revocation' };
      return change(3001, either(1, 6));
    case 'USER_SESSION':
      return { ...change(3002, 2), kind: 'revocation' };
    case 'GROUP':
      return change(3006, either(6, 5));
    case 'GROUP_MEMBERSHIP':
      return change(3006, either(3, 4));
    case 'REALM_ROLE_MAPPING':
    case 'CLIENT_ROLE_MAPPING':
      return change(3005, either(1, 2));
    default:
      return change(3004, CHANGES[operationType] ?? 99);
  }
}
