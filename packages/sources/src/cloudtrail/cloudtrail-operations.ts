// What AWS calls mean: OCSF class and activity, and the kind of fact. Sign-ins, credentials, people,
// audit settings and reads of data by name; every other call by its verb.

import type { ActivityFacts } from '@countersign/vocabulary';
import { crudActivityOf, firstVerbOf } from '../ocsf/crud-activity.ts';
import type { ForeignClass } from '../ocsf/draft-event.ts';

export interface CloudTrailMeaning {
  classUid: ForeignClass;
  activityId: number;
  activityName?: string;
  /** Undefined: by whether the call only reads. */
  kind?: ActivityFacts['kind'];
  recognised: boolean;
}

type Row = readonly [ForeignClass, number, ActivityFacts['kind']?, string?];

const SIGN_IN: Readonly<Record<string, Row>> = {
  ConsoleLogin: [3002, 1, 'sign_in'],
  UserAuthentication: [3002, 1, 'sign_in'],
  Authenticate: [3002, 1, 'sign_in'],
  ExternalIdPDirectoryLogin: [3002, 1, 'sign_in'],
  Federate: [3002, 4, 'token'],
  CheckMfa: [3002, 6, 'other'],
  CredentialChallenge: [3002, 6, 'other'],
  CredentialVerification: [3002, 6, 'other'],
  SwitchRole: [3002, 7, 'sign_in'],
  ExitRole: [3002, 7, 'other'],
  RenewRole: [3002, 5, 'token'],
  GetSigninToken: [3002, 3, 'token'],
  Logout: [3002, 2, 'revocation'],
  PasswordUpdated: [3001, 3, 'change'],
  PasswordRecoveryRequested: [3001, 4, 'change'],
  PasswordRecoveryCompleted: [3001, 4, 'change'],
};

const TOKENS: Readonly<Record<string, Row>> = {
  AssumeRole: [3002, 4, 'token'],
  AssumeRoot: [3002, 4, 'token'],
  AssumeRoleWithSAML: [3002, 3, 'token'],
  AssumeRoleWithWebIdentity: [3002, 3, 'token'],
  GetSessionToken: [3002, 3, 'token'],
  GetFederationToken: [3002, 3, 'token'],
  CreateToken: [3002, 3, 'token'],
  CreateTokenWithIAM: [3002, 3, 'token'],
  GetRoleCredentials: [3002, 4, 'token'],
};

const PEOPLE: Readonly<Record<string, Row>> = {
  CreateUser: [3001, 1],
  DeleteUser: [3001, 6],
  UpdateUser: [3001, 99],
  CreateLoginProfile: [3001, 2],
  UpdateLoginProfile: [3001, 4],
  DeleteLoginProfile: [3001, 5],
  ChangePassword: [3001, 3],
  AttachUserPolicy: [3001, 7],
  PutUserPolicy: [3001, 7],
  DetachUserPolicy: [3001, 8],
  DeleteUserPolicy: [3001, 8],
  EnableMFADevice: [3001, 10],
  DeactivateMFADevice: [3001, 11],
  CreateAccessKey: [3001, 99, 'token', 'Access key created'],
  DeleteAccessKey: [3001, 99, 'revocation', 'Access key deleted'],
  UpdateAccessKey: [3001, 99, undefined, 'Access key changed'],
  CreateGroup: [3006, 6],
  DeleteGroup: [3006, 5],
  AddUserToGroup: [3006, 3],
  RemoveUserFromGroup: [3006, 4],
  AttachGroupPolicy: [3006, 1],
  PutGroupPolicy: [3006, 1],
  DetachGroupPolicy: [3006, 2],
  DeleteGroupPolicy: [3006, 2],
};

/** What starts, stops or changes what is written down, and what watches it. */
const WATCHERS: Readonly<Record<string, Row>> = {
  StartLogging: [6002, 3],
  StopLogging: [6002, 4],
  CreateTrail: [6002, 1],
  DeleteTrail: [6002, 2],
  UpdateTrail: [6002, 8],
  PutEventSelectors: [6002, 8],
  PutInsightSelectors: [6002, 8],
  CreateDetector: [6002, 1],
  DeleteDetector: [6002, 2],
  UpdateDetector: [6002, 8],
  StopMonitoringMembers: [6002, 4],
  StartConfigurationRecorder: [6002, 3],
  StopConfigurationRecorder: [6002, 4],
  DeleteConfigurationRecorder: [6002, 2],
  PutConfigurationRecorder: [6002, 8],
  PutDeliveryChannel: [6002, 8],
  DeleteDeliveryChannel: [6002, 2],
  EnableSecurityHub: [6002, 6],
  DisableSecurityHub: [6002, 7],
  EnableMacie: [6002, 6],
  DisableMacie: [6002, 7],
};

const OBJECTS: Readonly<Record<string, Row>> = {
  GetObject: [6005, 1, 'access'],
  HeadObject: [6005, 1, 'access'],
  SelectObjectContent: [6005, 4, 'access'],
  ListObjects: [6005, 8, 'access'],
  ListObjectsV2: [6005, 8, 'access'],
  ListObjectVersions: [6005, 8, 'access'],
  ListBucket: [6005, 8, 'access'],
  PutObject: [6005, 5, 'access'],
  CopyObject: [6005, 5, 'access'],
  CompleteMultipartUpload: [6005, 5, 'access'],
  UploadPart: [6005, 5, 'access'],
  RestoreObject: [6005, 2, 'access'],
  DeleteObject: [6005, 7, 'access'],
  DeleteObjects: [6005, 7, 'access'],
};

const SECRETS: Readonly<Record<string, Row>> = {
  GetSecretValue: [6005, 1, 'access'],
  BatchGetSecretValue: [6005, 1, 'access'],
  GetParameter: [6005, 1, 'access'],
  GetParameters: [6005, 1, 'access'],
  GetParametersByPath: [6005, 1, 'access'],
};

const ROWS: Readonly<Record<string, Row>> = {
  GetItem: [6005, 1, 'access'],
  BatchGetItem: [6005, 1, 'access'],
  Query: [6005, 4, 'access'],
  Scan: [6005, 4, 'access'],
  ExecuteStatement: [6005, 4, 'access'],
  GetRecords: [6005, 1, 'access'],
  PutItem: [6005, 5, 'access'],
  UpdateItem: [6005, 2, 'access'],
  DeleteItem: [6005, 7, 'access'],
};

const BY_SOURCE: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  signin: SIGN_IN,
  sso: { ...SIGN_IN, ...TOKENS },
  sts: TOKENS,
  iam: PEOPLE,
  cloudtrail: WATCHERS,
  guardduty: WATCHERS,
  config: WATCHERS,
  securityhub: WATCHERS,
  macie2: WATCHERS,
  s3: OBJECTS,
  secretsmanager: SECRETS,
  ssm: SECRETS,
  dynamodb: ROWS,
};

const seen = new Map<string, CloudTrailMeaning>();
const MOST_SEEN = 20_000;

/** @param source the host of the service, `s3.amazonaws.com` */
export function cloudTrailMeaningOf(
  source: string,
  name: string,
  insight: boolean,
): CloudTrailMeaning {
  if (insight) return { classUid: 2004, activityId: 1, kind: 'other', recognised: true };
  const id = `${source}/${name}`;
  const known = seen.get(id);
  if (known !== undefined) return known;
  const meaning = find(source, name);
  if (seen.size < MOST_SEEN) seen.set(id, meaning);
  return meaning;
}

function find(source: string, name: string): CloudTrailMeaning {
  const [service = ''] = source.split('.');
  const rows = Object.hasOwn(BY_SOURCE, service) ? BY_SOURCE[service] : undefined;
  const row = rows !== undefined && Object.hasOwn(rows, name) ? rows[name] : undefined;
  if (row !== undefined) {
    const [classUid, activityId, kind, activityName] = row;
    return {
      classUid,
      activityId,
      recognised: true,
      ...(kind === undefined ? {} : { kind }),
      ...(activityName === undefined ? {} : { activityName }),
    };
  }
  const activity = crudActivityOf(firstVerbOf(name));
  // What IAM manages besides people: roles, policies, providers, certificates.
  const managed = service === 'iam' && activity !== undefined && activity !== 2;
  return {
    classUid: managed ? 3004 : 6003,
    activityId: activity ?? 99,
    recognised: activity !== undefined && source !== 'unknown',
  };
}
