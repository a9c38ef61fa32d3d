// What events of Google Workspace mean: by application and name, then by application and verb.

import type { ActivityFacts } from '@countersign/vocabulary';
import { crudActivityOf, firstVerbOf } from '../ocsf/crud-activity.ts';
import type { ForeignClass, Outcome } from '../ocsf/draft-event.ts';

export interface WorkspaceMeaning {
  classUid: ForeignClass;
  activityId: number;
  activityName?: string;
  kind: ActivityFacts['kind'];
  outcome: Outcome;
  recognised: boolean;
}

type Row = readonly [ForeignClass, number, ActivityFacts['kind'], Outcome?];

const FINDING: Row = [2004, 1, 'other', 'unknown'];

const LOGIN: Readonly<Record<string, Row>> = {
  login_success: [3002, 1, 'sign_in'],
  login_failure: [3002, 1, 'sign_in', 'failure'],
  login_failure_unknown_reason: [3002, 1, 'sign_in', 'failure'],
  login_challenge: [3002, 6, 'other', 'unknown'],
  login_verification: [3002, 6, 'other'],
  logout: [3002, 2, 'revocation'],
  passkey_enrolled: [3001, 10, 'change'],
  passkey_removed: [3001, 11, 'change'],
  '2sv_enroll': [3001, 10, 'change'],
  '2sv_disable': [3001, 11, 'change'],
  titanium_enroll: [3001, 10, 'change'],
  titanium_unenroll: [3001, 11, 'change'],
  password_edit: [3001, 3, 'change'],
  recovery_email_edit: [3001, 99, 'change'],
  recovery_phone_edit: [3001, 99, 'change'],
  recovery_secret_qa_edit: [3001, 99, 'change'],
  email_forwarding_out_of_domain: [3001, 99, 'change'],
  account_disabled_password_leak: FINDING,
  account_disabled_spamming: FINDING,
  account_disabled_spamming_through_relay: FINDING,
  account_disabled_generic: FINDING,
  account_disabled_hijacked: FINDING,
  suspicious_login: FINDING,
  suspicious_login_less_secure_app: FINDING,
  suspicious_programmatic_login: FINDING,
  user_signed_out_due_to_suspicious_session_cookie: FINDING,
  gov_attack_warning: FINDING,
  risky_sensitive_action_allowed: FINDING,
  risky_sensitive_action_blocked: FINDING,
};

const TOKEN: Readonly<Record<string, Row>> = {
  authorize: [3002, 3, 'token'],
  request: [3002, 3, 'token', 'unknown'],
  revoke: [3002, 99, 'revocation'],
  activity: [6003, 2, 'access'],
};

const DRIVE: Readonly<Record<string, Row>> = {
  view: [6006, 14, 'access'],
  preview: [6006, 9, 'access'],
  download: [6006, 2, 'access'],
  print: [6006, 99, 'access'],
  email_as_attachment: [6006, 12, 'access'],
  copy: [6006, 6, 'access'],
  source_copy: [6006, 6, 'access'],
  sync_item_content: [6006, 15, 'access'],
  access_item_content: [6006, 14, 'access'],
  prefetch_item_content: [6006, 15, 'access'],
  upload: [6006, 1, 'change'],
  create: [6006, 1, 'change'],
  edit: [6006, 3, 'change'],
  rename: [6006, 5, 'change'],
  move: [6006, 7, 'change'],
  trash: [6006, 4, 'change'],
  delete: [6006, 4, 'change'],
  untrash: [6006, 8, 'change'],
  remove_from_folder: [6006, 7, 'change'],
  add_to_folder: [6006, 7, 'change'],
};

const ADMIN: Readonly<Record<string, Row>> = {
  CREATE_USER: [3001, 1, 'change'],
  DELETE_USER: [3001, 6, 'change'],
  SUSPEND_USER: [3001, 5, 'change'],
  UNSUSPEND_USER: [3001, 2, 'change'],
  UNDELETE_USER: [3001, 2, 'change'],
  CHANGE_PASSWORD: [3001, 4, 'change'],
  CHANGE_PASSWORD_ON_NEXT_LOGIN: [3001, 4, 'change'],
  TURN_OFF_2_STEP_VERIFICATION: [3001, 11, 'change'],
  UNENROLL_USER_FROM_STRONG_AUTH: [3001, 11, 'change'],
  REVOKE_SECURITY_KEY: [3001, 11, 'change'],
  ADD_SECURITY_KEY: [3001, 10, 'change'],
  ASSIGN_ROLE: [3005, 1, 'change'],
  UNASSIGN_ROLE: [3005, 2, 'change'],
  GRANT_ADMIN_PRIVILEGE: [3005, 1, 'change'],
  GRANT_DELEGATED_ADMIN_PRIVILEGES: [3005, 1, 'change'],
  REVOKE_ADMIN_PRIVILEGE: [3005, 2, 'change'],
  CREATE_GROUP: [3006, 6, 'change'],
  DELETE_GROUP: [3006, 5, 'change'],
  ADD_GROUP_MEMBER: [3006, 3, 'change'],
  REMOVE_GROUP_MEMBER: [3006, 4, 'change'],
  REVOKE_3LO_TOKEN: [3002, 99, 'revocation'],
  REVOKE_3LO_DEVICE_TOKENS: [3002, 99, 'revocation'],
  SIGN_OUT_USER: [3002, 2, 'revocation'],
  RESET_SIGNIN_COOKIES: [3002, 2, 'revocation'],
};

const GROUPS: Readonly<Record<string, Row>> = {
  add_member: [3006, 3, 'change'],
  add_user: [3006, 3, 'change'],
  remove_member: [3006, 4, 'change'],
  remove_user: [3006, 4, 'change'],
  ban_user_with_moderation: [3006, 4, 'change'],
  create_group: [3006, 6, 'change'],
  delete_group: [3006, 5, 'change'],
};

const DEVICES: Readonly<Record<string, Row>> = {
  DEVICE_COMPROMISED_EVENT: FINDING,
  SUSPICIOUS_ACTIVITY_EVENT: FINDING,
  FAILED_PASSWORD_ATTEMPTS_EVENT: FINDING,
  DEVICE_REGISTER_UNREGISTER_EVENT: [3004, 6, 'change'],
};

const MAIL: Readonly<Record<string, Row>> = {
  view: [6005, 1, 'access'],
  download: [6005, 1, 'access'],
  attachment_download: [6005, 1, 'access'],
  print: [6005, 1, 'access'],
  trash: [6005, 7, 'change'],
  delete: [6005, 7, 'change'],
};

const BY_APPLICATION: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  login: LOGIN,
  logout: LOGIN,
  saml: LOGIN,
  user_accounts: LOGIN,
  token: TOKEN,
  drive: DRIVE,
  admin: ADMIN,
  groups: GROUPS,
  groups_enterprise: GROUPS,
  mobile: DEVICES,
  gmail: MAIL,
};

/** What every event of an application is when its name says no more. */
const BY_KIND: Readonly<Record<string, Row>> = {
  login: [3002, 99, 'other', 'unknown'],
  saml: [3002, 99, 'other', 'unknown'],
  user_accounts: [3001, 99, 'change'],
  drive: [6006, 99, 'change'],
  groups: [3006, 99, 'change'],
  groups_enterprise: [3006, 99, 'change'],
  mobile: [3004, 3, 'change'],
  rules: FINDING,
  alert: FINDING,
  access_transparency: [6003, 2, 'access'],
  gmail: [6003, 99, 'other'],
  calendar: [6003, 99, 'other'],
};

export function workspaceMeaningOf(
  application: string,
  type: string | undefined,
  given: string,
): WorkspaceMeaning {
  // "suspicious_login " is written with a space at the end.
  const name = given.trim();
  const rows = own(BY_APPLICATION, application);
  const row = rows === undefined ? undefined : own(rows, name);
  if (row !== undefined) return meaning(row, true);
  if (application === 'drive' && type === 'acl_change') return meaning([6006, 12, 'change'], true);
  if (type === 'account_warning') return meaning(FINDING, true);
  const kind = own(BY_KIND, application);
  // Where the event has no name, its type stands for it.
  const named = type !== given && given !== 'unknown';
  if (kind !== undefined) return meaning(kind, named || kind === FINDING);
  const activity = crudActivityOf(firstVerbOf(name));
  if (application === 'admin') {
    return meaning([3004, activity ?? 3, 'change'], activity !== undefined);
  }
  return meaning([6003, activity ?? 99, activity === 2 ? 'access' : 'change'], false);
}

function meaning(
  [classUid, activityId, kind, outcome]: Row,
  recognised: boolean,
): WorkspaceMeaning {
  return { classUid, activityId, kind, outcome: outcome ?? 'success', recognised };
}

function own<Value>(of: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(of, name) ? of[name] : undefined;
}
