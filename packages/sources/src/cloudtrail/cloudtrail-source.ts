// AWS CloudTrail. Joins by access key: a role's session is known by the key that AssumeRole handed out,
// and that call says with which key it was asked for.

import type { ActivityFacts } from '@countersign/vocabulary';
import type { JsonObject, MappedRecord, Source } from '../map-record.ts';
import { draftEvent, type Outcome } from '../ocsf/draft-event.ts';
import { digestRecord } from '../reading/digest-record.ts';
import { keepRest } from '../reading/keep-rest.ts';
import { maskSecrets } from '../reading/mask-secrets.ts';
import { memberOf, textOf } from '../reading/read-text.ts';
import { factsOfCloudTrail } from './cloudtrail-facts.ts';
import { cloudTrailFields } from './cloudtrail-fields.ts';
import { type CloudTrailMeaning, cloudTrailMeaningOf } from './cloudtrail-operations.ts';
import { awsAccount, describeAwsActor, readIdentity } from './describe-aws-identity.ts';
import { describeClass } from './describe-cloudtrail-class.ts';
import {
  type CloudTrailRecord,
  isCloudTrailRecord,
  isDigest,
  PLACED,
  readCloudTrail,
} from './read-cloudtrail.ts';

export const cloudTrailSource: Source = {
  name: 'cloudtrail',
  title: 'AWS CloudTrail',
  recognises: isCloudTrailRecord,
  map: mapCloudTrail,
  fields: cloudTrailFields,
};

function mapCloudTrail(given: JsonObject): MappedRecord[] {
  if (isDigest(given)) return [];
  const trail = readCloudTrail(given);
  const insight = trail.eventType === 'AwsCloudTrailInsight' || trail.category === 'Insight';
  const meaning = cloudTrailMeaningOf(trail.source, trail.name, insight);
  const identity = readIdentity(trail.identity);
  const outcome = outcomeOf(trail, meaning);
  const facts: ActivityFacts = factsOfCloudTrail(trail, identity, meaning, outcome);
  const key = trail.eventId ?? digestRecord(trail.record);
  return [
    {
      key,
      timeMs: trail.timeMs,
      facts,
      recognised: meaning.recognised,
      ocsf: draftEvent({
        classUid: meaning.classUid,
        activityId: meaning.activityId,
        activityName: meaning.activityName,
        timeMs: trail.timeMs,
        message: `${trail.name} of ${trail.source}`,
        outcome,
        statusCode: trail.errorCode,
        statusDetail: trail.errorMessage,
        product: { name: 'CloudTrail', vendor: 'AWS' },
        logName: trail.category ?? 'CloudTrail',
        originalUid: trail.eventId,
        originalTime: trail.eventTime,
        operation: trail.name,
        correlation: textOf(memberOf(trail.record, 'sharedEventID')),
        actor: describeAwsActor(identity),
        address: trail.address,
        endpoint: describeOrigin(trail),
        userAgent: trail.userAgent,
        cloud: describeCloud(trail, identity.account),
        parts: { ...describeClass(trail, identity, meaning, key), api: describeCall(trail) },
        unmapped: {
          cloudtrail: { ...keepRest(trail.record, PLACED), ...callerOf(trail, meaning) },
        },
      }),
    },
  ];
}

/** Classes without an actor in OCSF still say who called, and from where. */
function callerOf({ record }: CloudTrailRecord, meaning: CloudTrailMeaning): JsonObject {
  if (meaning.classUid !== 6002 && meaning.classUid !== 2004) return {};
  return {
    sourceIPAddress: memberOf(record, 'sourceIPAddress'),
    userIdentity: maskSecrets(memberOf(record, 'userIdentity')),
  };
}

/** `errorCode` is absent on success; sign-ins say themselves how they went. */
function outcomeOf(trail: CloudTrailRecord, meaning: CloudTrailMeaning): Outcome {
  if (trail.errorCode !== undefined) return 'failure';
  const said = meaning.classUid === 3002 || meaning.classUid === 3001;
  const answer = said ? textOf(memberOf(trail.response, trail.name)) : undefined;
  if (answer !== undefined) return answer === 'Failure' ? 'failure' : 'success';
  return trail.errorMessage === undefined ? 'success' : 'failure';
}

function describeOrigin({ origin }: CloudTrailRecord): Record<string, unknown> | undefined {
  if (origin === undefined) return undefined;
  return origin.endsWith('.amazonaws.com') ? { svc_name: origin } : { name: origin };
}

function describeCloud(
  { account, region }: CloudTrailRecord,
  callers: string | undefined,
): Record<string, unknown> {
  const uid = account ?? callers;
  return {
    provider: 'AWS',
    ...(uid === undefined ? {} : { account: awsAccount(uid) }),
    ...(region === undefined ? {} : { region }),
  };
}

function describeCall(trail: CloudTrailRecord): Record<string, unknown> {
  const { name, source, request, response, requestId, record, errorCode, errorMessage } = trail;
  const version = textOf(memberOf(record, 'apiVersion'));
  const failed = errorCode !== undefined || errorMessage !== undefined;
  return {
    operation: name,
    // OCSF asks for an id of a request that it holds.
    ...(request === undefined && requestId === undefined
      ? {}
      : {
          request: {
            uid: requestId ?? 'unknown',
            ...(request === undefined ? {} : { data: request }),
          },
        }),
    ...(response === undefined && !failed
      ? {}
      : {
          response: {
            ...(response === undefined ? {} : { data: response }),
            ...(errorCode === undefined ? {} : { error: errorCode }),
            ...(errorMessage === undefined ? {} : { error_message: errorMessage }),
          },
        }),
    service: { name: source },
    ...(version === undefined ? {} : { version }),
  };
}
