// One CloudTrail record, read without trust, out of whatever brought it: a log file, the answer of
// LookupEvents, an EventBridge event, a table whose names are in lower case and whose objects are text.

import { maskSecrets } from '../reading/mask-secrets.ts';
import { type Address, addressOf } from '../reading/read-address.ts';
import { type LooseObject, memberOf, objectOf, textOf } from '../reading/read-text.ts';
import { timeMsOf } from '../reading/read-time.ts';
import { spellingOf, spellNames } from '../reading/spell-names.ts';

const spelling = spellingOf(
  ...['eventVersion', 'userIdentity', 'eventTime', 'eventSource', 'eventName', 'awsRegion'],
  ...['sourceIPAddress', 'userAgent', 'errorCode', 'errorMessage', 'requestParameters'],
  ...['responseElements', 'additionalEventData', 'requestID', 'eventID', 'readOnly', 'resources'],
  ...['eventType', 'managementEvent', 'recipientAccountId', 'sharedEventID', 'vpcEndpointId'],
  ...['eventCategory', 'apiVersion', 'serviceEventDetails', 'sessionCredentialFromConsole'],
  ...[
    'tlsDetails',
    'type',
    'principalId',
    'arn',
    'accountId',
    'invokedBy',
    'accessKeyId',
    'userName',
  ],
  ...['sessionContext', 'sessionIssuer', 'attributes', 'creationDate', 'mfaAuthenticated'],
  ...['sourceIdentity', 'webIdFederationData', 'federatedProvider', 'onBehalfOf', 'userId'],
  ...['identityProvider', 'credentials', 'expiration', 'accessKey', 'status', 'bucketName', 'key'],
  ...['groupName', 'roleName', 'roleArn', 'policyName', 'policyArn', 'secretId', 'secretIdList'],
  ...['prefix', 'names', 'name', 'path', 'withDecryption', 'tableName', 'instanceId', 'mFAUsed'],
);

/** What the map puts somewhere; any other member of the record is kept under `unmapped.cloudtrail`. */
export const PLACED: ReadonlySet<string> = new Set([
  ...['userIdentity', 'eventTime', 'eventSource', 'eventName', 'awsRegion', 'sourceIPAddress'],
  ...['userAgent', 'errorCode', 'errorMessage', 'requestParameters', 'responseElements', 'eventID'],
  ...['recipientAccountId', 'requestID', 'apiVersion'],
]);

export interface CloudTrailRecord {
  record: LooseObject;
  eventId: string | undefined;
  timeMs: number;
  eventTime: string | undefined;
  source: string;
  name: string;
  eventType: string | undefined;
  category: string | undefined;
  region: string | undefined;
  account: string | undefined;
  readOnly: boolean | undefined;
  identity: LooseObject | undefined;
  /** Without secrets. */
  request: LooseObject | undefined;
  /** Without secrets. */
  response: LooseObject | undefined;
  extra: LooseObject | undefined;
  errorCode: string | undefined;
  errorMessage: string | undefined;
  address: Address | undefined;
  /** What stands where an address should: `AWS Internal` or the name of a service. */
  origin: string | undefined;
  userAgent: string | undefined;
  requestId: string | undefined;
}

/** Takes a record out of the envelope in which some pipes hand it on. */
export function openEnvelope(given: LooseObject): LooseObject {
  const held = memberOf(given, 'CloudTrailEvent');
  if (held !== undefined) return objectOf(held) ?? given;
  if (memberOf(given, 'detail-type') !== undefined) {
    return objectOf(memberOf(given, 'detail')) ?? given;
  }
  return given;
}

/** True for what only CloudTrail has: the name of a call and who of AWS took it. */
export function isCloudTrailRecord(given: LooseObject): boolean {
  if (isDigest(given)) return true;
  const record = openEnvelope(given);
  const name = memberOf(record, 'eventName') ?? memberOf(record, 'eventname');
  if (typeof name !== 'string') return false;
  const source = memberOf(record, 'eventSource') ?? memberOf(record, 'eventsource');
  if (typeof source === 'string') return source.includes('.amazonaws.com');
  return MARKS.some((mark) => Object.hasOwn(record, mark));
}

const MARKS = ['awsRegion', 'awsregion', 'userIdentity', 'useridentity', 'eventVersion'];

/** A digest lies among the log files, and says nothing of anybody. */
export function isDigest(given: LooseObject): boolean {
  return Object.hasOwn(given, 'digestS3Object') && Object.hasOwn(given, 'logFiles');
}

export function readCloudTrail(given: LooseObject): CloudTrailRecord {
  const record = spellNames(openEnvelope(given), spelling);
  const eventTime = memberOf(record, 'eventTime') ?? memberOf(record, '@timestamp');
  const from = textOf(memberOf(record, 'sourceIPAddress'));
  const address = addressOf(from);
  return {
    record,
    eventId: textOf(memberOf(record, 'eventID')),
    timeMs: timeMsOf(eventTime) ?? timeMsOf(memberOf(record, 'p_event_time')) ?? 0,
    eventTime: textOf(eventTime),
    source: textOf(memberOf(record, 'eventSource')) ?? 'unknown',
    name: textOf(memberOf(record, 'eventName')) ?? 'unknown',
    eventType: textOf(memberOf(record, 'eventType')),
    category: textOf(memberOf(record, 'eventCategory')),
    region: textOf(memberOf(record, 'awsRegion')),
    account: textOf(memberOf(record, 'recipientAccountId')),
    readOnly: truthOf(memberOf(record, 'readOnly')),
    identity: objectOf(memberOf(record, 'userIdentity')),
    request: maskSecrets(objectOf(memberOf(record, 'requestParameters'))),
    response: maskSecrets(objectOf(memberOf(record, 'responseElements'))),
    extra: objectOf(memberOf(record, 'additionalEventData')),
    errorCode: textOf(memberOf(record, 'errorCode')),
    errorMessage: textOf(memberOf(record, 'errorMessage')),
    address,
    origin: address === undefined ? from : undefined,
    userAgent: agentOf(textOf(memberOf(record, 'userAgent'))),
    requestId: textOf(memberOf(record, 'requestID')),
  };
}

/** S3 writes the user agent in brackets. */
function agentOf(text: string | undefined): string | undefined {
  if (text === undefined || !text.startsWith('[') || !text.endsWith(']')) return text;
  return textOf(text.slice(1, -1));
}

/** True and false, also as text: `sessionCredentialFromConsole` and relays write `"true"`. */
export function truthOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'Yes') return true;
  return value === 'false' || value === 'No' ? false : undefined;
}
