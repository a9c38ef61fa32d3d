// What methods of Google Cloud mean: data, secrets, keys, tokens, people and log settings by name,
// everything else by its verb.

import type { ActivityFacts } from '@countersign/vocabulary';
import { crudActivityOf, firstVerbOf } from '../ocsf/crud-activity.ts';
import type { ForeignClass } from '../ocsf/draft-event.ts';

export interface GcpMeaning {
  classUid: ForeignClass;
  activityId: number;
  kind: ActivityFacts['kind'];
  recognised: boolean;
}

type Row = readonly [ForeignClass, number, ActivityFacts['kind']];

/** By the last part of the method; it is the same in every version of an interface. */
const BY_NAME: Readonly<Record<string, Row>> = {
  CreateServiceAccountKey: [3004, 1, 'token'],
  UploadServiceAccountKey: [3004, 1, 'token'],
  DeleteServiceAccountKey: [3004, 4, 'revocation'],
  DisableServiceAccountKey: [3004, 9, 'revocation'],
  GenerateAccessToken: [3002, 3, 'token'],
  GenerateIdToken: [3002, 3, 'token'],
  SignJwt: [3002, 3, 'token'],
  SignBlob: [3002, 3, 'token'],
  ExchangeToken: [3002, 4, 'token'],
  CreateServiceAccount: [3001, 1, 'change'],
  DeleteServiceAccount: [3001, 6, 'change'],
  DisableServiceAccount: [3001, 5, 'change'],
  EnableServiceAccount: [3001, 2, 'change'],
  AccessSecretVersion: [6005, 1, 'access'],
  CreateSink: [6002, 1, 'change'],
  UpdateSink: [6002, 8, 'change'],
  DeleteSink: [6002, 2, 'change'],
  CreateExclusion: [6002, 8, 'change'],
  UpdateExclusion: [6002, 8, 'change'],
  UpdateBucket: [6002, 8, 'change'],
};

/** Methods of Cloud Storage are written whole. */
const STORAGE: Readonly<Record<string, Row>> = {
  'storage.objects.get': [6005, 1, 'access'],
  'storage.objects.list': [6005, 8, 'access'],
  'storage.objects.create': [6005, 5, 'change'],
  'storage.objects.update': [6005, 2, 'change'],
  'storage.objects.delete': [6005, 7, 'change'],
};

const LOG_SETTINGS: ReadonlySet<string> = new Set(['CreateSink', 'UpdateSink', 'DeleteSink']);

export function gcpMeaningOf(service: string, method: string, revokes: boolean): GcpMeaning {
  const name = method.slice(method.lastIndexOf('.') + 1);
  const row = own(STORAGE, method) ?? own(BY_NAME, name);
  // A bucket of logs and a bucket of objects are changed by methods of one name.
  const elsewhere =
    row?.[0] === 6002 && !LOG_SETTINGS.has(name) && service !== 'logging.googleapis.com';
  if (row !== undefined && !elsewhere) {
    const [classUid, activityId, kind] = row;
    return { classUid, activityId, kind, recognised: true };
  }
  if (/^setIamPolicy$/i.test(name) || name === 'setIamPermissions') {
    return { classUid: 3005, activityId: revokes ? 2 : 1, kind: 'change', recognised: true };
  }
  const activity = crudActivityOf(firstVerbOf(name));
  return {
    classUid: 6003,
    activityId: activity ?? 99,
    kind: activity === 2 ? 'access' : 'change',
    recognised: activity !== undefined,
  };
}

function own(of: Readonly<Record<string, Row>>, name: string): Row | undefined {
  return Object.hasOwn(of, name) ? of[name] : undefined;
}
