// One Cloud Audit Logs entry, read without trust: as Cloud Logging exports it, with names in lower case,
// or with `@type` spelled `at_sign_type` and `callerIp` spelled `callerIP`.

import { keepRest } from '../reading/keep-rest.ts';
import { maskSecrets } from '../reading/mask-secrets.ts';
import {
  type LooseObject,
  memberOf,
  numberOf,
  objectOf,
  objectsOf,
  textOf,
} from '../reading/read-text.ts';
import { timeMsOf } from '../reading/read-time.ts';
import { spellingOf, spellNames } from '../reading/spell-names.ts';
import { isLoggedActivity } from './read-activity.ts';

const spelling = spellingOf(
  ...['insertId', 'logName', 'timestamp', 'receiveTimestamp', 'severity', 'resource', 'labels'],
  ...['project_id', 'protoPayload', 'serviceName', 'methodName', 'resourceName', 'status', 'code'],
  ...['message', 'authenticationInfo', 'principalEmail', 'principalSubject', 'oauthInfo'],
  ...['serviceAccountKeyName', 'serviceAccountDelegationInfo', 'firstPartyPrincipal'],
  ...['oauthClientId', 'authorizationInfo', 'permission', 'granted', 'requestMetadata', 'callerIp'],
  ...['callerIP', 'callerSuppliedUserAgent', 'request', 'response', 'metadata', 'serviceData'],
  ...['policyDelta', 'bindingDeltas', 'action', 'role', 'member', 'operation', 'name', 'location'],
);

/** What the map puts somewhere; any other member is kept under `unmapped.gcp`. */
const PLACED: ReadonlySet<string> = new Set([
  ...['insertId', 'timestamp', 'protoPayload', 'serviceName', 'methodName', 'status', 'request'],
  ...['response', 'requestMetadata', 'authenticationInfo'],
]);

export interface GcpRecord {
  record: LooseObject;
  insertId: string | undefined;
  timeMs: number;
  timestamp: string | undefined;
  logName: string | undefined;
  service: string;
  method: string;
  resourceName: string | undefined;
  project: string | undefined;
  region: string | undefined;
  severity: string | undefined;
  statusCode: number | undefined;
  statusMessage: string | undefined;
  email: string | undefined;
  subject: string | undefined;
  /** Id of the key of a service account, without the path. */
  keyId: string | undefined;
  delegates: string[];
  oauthClient: string | undefined;
  from: string | undefined;
  userAgent: string | undefined;
  /** Without secrets. */
  request: LooseObject | undefined;
  /** Without secrets. */
  response: LooseObject | undefined;
  deltas: LooseObject[];
  rest: Record<string, unknown>;
}

export function isGcpRecord(record: LooseObject): boolean {
  const payload = memberOf(record, 'protoPayload') ?? memberOf(record, 'protopayload');
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return false;
  const named = payload as LooseObject;
  const method = memberOf(named, 'methodName') ?? memberOf(named, 'methodname');
  const service = memberOf(named, 'serviceName') ?? memberOf(named, 'servicename');
  return (typeof method === 'string' || typeof service === 'string') && !isLoggedActivity(record);
}

export function readGcp(given: LooseObject): GcpRecord {
  const record = spellNames(given, spelling);
  const payload = objectOf(memberOf(record, 'protoPayload'));
  const who = objectOf(memberOf(payload, 'authenticationInfo'));
  const caller = objectOf(memberOf(payload, 'requestMetadata'));
  const status = objectOf(memberOf(payload, 'status'));
  const labels = objectOf(memberOf(objectOf(memberOf(record, 'resource')), 'labels'));
  const logName = textOf(memberOf(record, 'logName'));
  const timestamp = textOf(memberOf(record, 'timestamp'));
  const policy = objectOf(memberOf(objectOf(memberOf(payload, 'serviceData')), 'policyDelta'));
  return {
    record,
    insertId: textOf(memberOf(record, 'insertId')),
    timeMs: timeMsOf(timestamp) ?? timeMsOf(memberOf(record, 'receiveTimestamp')) ?? 0,
    timestamp,
    logName,
    service: textOf(memberOf(payload, 'serviceName')) ?? 'unknown',
    method: textOf(memberOf(payload, 'methodName')) ?? 'unknown',
    resourceName: textOf(memberOf(payload, 'resourceName')),
    project:
      textOf(memberOf(labels, 'project_id')) ?? /^projects\/([^/]+)\//.exec(logName ?? '')?.[1],
    region: textOf(memberOf(labels, 'location')),
    severity: textOf(memberOf(record, 'severity')),
    statusCode: numberOf(memberOf(status, 'code')),
    statusMessage: textOf(memberOf(status, 'message')),
    email: textOf(memberOf(who, 'principalEmail')),
    subject: textOf(memberOf(who, 'principalSubject')),
    keyId: lastPart(textOf(memberOf(who, 'serviceAccountKeyName'))),
    delegates: delegatesOf(who),
    oauthClient: textOf(memberOf(objectOf(memberOf(who, 'oauthInfo')), 'oauthClientId')),
    from: textOf(memberOf(caller, 'callerIp')) ?? textOf(memberOf(caller, 'callerIP')),
    userAgent: textOf(memberOf(caller, 'callerSuppliedUserAgent')),
    request: maskSecrets(objectOf(memberOf(payload, 'request'))),
    response: maskSecrets(objectOf(memberOf(payload, 'response'))),
    deltas: objectsOf(memberOf(policy, 'bindingDeltas')),
    rest: { ...keepRest(payload ?? {}, PLACED), ...keepRest(record, PLACED) },
  };
}

export function lastPart(path: string | undefined): string | undefined {
  return path === undefined ? undefined : textOf(path.slice(path.lastIndexOf('/') + 1));
}

function delegatesOf(who: LooseObject | undefined): string[] {
  return objectsOf(memberOf(who, 'serviceAccountDelegationInfo'))
    .slice(0, 20)
    .map((one) => {
      const first = objectOf(memberOf(one, 'firstPartyPrincipal'));
      return textOf(memberOf(first, 'principalEmail')) ?? textOf(memberOf(one, 'principalSubject'));
    })
    .filter((one) => one !== undefined);
}
