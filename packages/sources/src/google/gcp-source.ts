// Google Cloud audit logs. Joins by the id of a service account's key, from the call that made it.

import type { ActivityFacts, TouchedItem } from '@countersign/vocabulary';
import type { JsonObject, MappedRecord, Source } from '../map-record.ts';
import { draftEvent, type Outcome, omitAbsent } from '../ocsf/draft-event.ts';
import { digestRecord } from '../reading/digest-record.ts';
import { foldPersons } from '../reading/fold-person.ts';
import { addressOf } from '../reading/read-address.ts';
import { memberOf, textOf } from '../reading/read-text.ts';
import { describeClass } from './describe-gcp-class.ts';
import { type GcpMeaning, gcpMeaningOf } from './gcp-operations.ts';
import { gcpFields } from './google-fields.ts';
import { type GcpRecord, isGcpRecord, lastPart, readGcp } from './read-gcp.ts';

export const gcpSource: Source = {
  name: 'gcp',
  title: 'Google Cloud audit logs',
  recognises: isGcpRecord,
  map: mapGcp,
  fields: gcpFields,
};

const SEVERITIES: Readonly<Record<string, number>> = {
  WARNING: 3,
  ERROR: 3,
  CRITICAL: 5,
  ALERT: 5,
  EMERGENCY: 5,
};

function mapGcp(given: JsonObject): MappedRecord[] {
  const gcp = readGcp(given);
  const { service, method, timeMs } = gcp;
  const revokes =
    gcp.deltas.length > 0 && gcp.deltas.every((one) => memberOf(one, 'action') === 'REMOVE');
  const meaning = gcpMeaningOf(service, method, revokes);
  const outcome: Outcome =
    (gcp.statusCode ?? 0) === 0 && gcp.statusMessage === undefined ? 'success' : 'failure';
  const facts = factsOf(gcp, meaning, outcome);
  const address = addressOf(gcp.from);
  return [
    {
      key:
        gcp.insertId === undefined
          ? digestRecord(gcp.record)
          : `${gcp.insertId}/${timeMs}/${gcp.logName ?? ''}`,
      timeMs,
      facts,
      recognised: meaning.recognised,
      ocsf: draftEvent({
        classUid: meaning.classUid,
        activityId: meaning.activityId,
        timeMs,
        message: `${method} of ${service}`,
        outcome,
        statusCode: gcp.statusCode === undefined ? undefined : String(gcp.statusCode),
        statusDetail: gcp.statusMessage,
        severityId: SEVERITIES[gcp.severity ?? ''],
        product: { name: 'Google Cloud', vendor: 'Google' },
        logName: lastPart(gcp.logName)?.replaceAll('%2F', '/') ?? 'cloudaudit.googleapis.com',
        originalUid: gcp.insertId,
        originalTime: gcp.timestamp,
        operation: method,
        user: { name: gcp.email, uid: gcp.email ?? gcp.subject },
        actor: gcp.keyId === undefined ? undefined : { user: credentialUser(gcp) },
        app: { uid: gcp.oauthClient },
        address,
        endpoint: address === undefined && gcp.from !== undefined ? { name: gcp.from } : undefined,
        userAgent: gcp.userAgent,
        cloud: omitAbsent({ provider: 'GCP', project_uid: gcp.project, region: gcp.region }),
        parts: { ...describeClass(gcp, meaning), api: describeCall(gcp) },
        unmapped: { gcp: gcp.rest },
      }),
    },
  ];
}

function credentialUser({ email, subject, keyId }: GcpRecord): Record<string, unknown> {
  const uid = email ?? subject ?? 'unknown';
  return { credential_uid: keyId, name: uid, type: 'Service', type_id: 4, uid };
}

function describeCall({ service, method, request, response, insertId, ...gcp }: GcpRecord): object {
  return {
    operation: method,
    ...(request === undefined ? {} : { request: { data: request, uid: insertId ?? 'unknown' } }),
    ...(response === undefined && gcp.statusCode === undefined
      ? {}
      : {
          response: omitAbsent({
            code: gcp.statusCode,
            data: response,
            error_message: gcp.statusMessage,
          }),
        }),
    service: { name: service },
  };
}

function factsOf(gcp: GcpRecord, meaning: GcpMeaning, outcome: Outcome): ActivityFacts {
  const facts: ActivityFacts = { kind: meaning.kind, outcome, operation: gcp.method };
  addTokens(facts, gcp);
  const emails = [gcp.email, ...gcp.delegates.filter((one) => one.includes('@'))];
  const ids = [
    gcp.email === undefined ? gcp.subject : undefined,
    ...gcp.delegates.filter((one) => !one.includes('@')),
  ];
  const persons = foldPersons({ emails, ids });
  if (persons.length > 0) facts.persons = persons;
  const ip = addressOf(gcp.from)?.ip;
  if (gcp.oauthClient !== undefined) facts.client = gcp.oauthClient;
  if (ip !== undefined) facts.ip = ip;
  if (gcp.userAgent !== undefined) facts.userAgent = gcp.userAgent;
  if (gcp.project !== undefined) facts.tenant = gcp.project;
  facts.resource = gcp.resourceName ?? gcp.service;
  const item = meaning.classUid === 6005 ? itemOf(gcp) : undefined;
  if (item !== undefined) facts.items = [item];
  return facts;
}

/** Of what makes or ends a key that key; of everything else the key it was done with. */
function addTokens(facts: ActivityFacts, gcp: GcpRecord): void {
  const used = gcp.keyId === undefined ? undefined : `key:${gcp.keyId}`;
  if (/ServiceAccountKey$/.test(gcp.method) && facts.kind !== 'access') {
    const made = facts.kind === 'token' ? textOf(memberOf(gcp.response, 'name')) : undefined;
    const ended = textOf(memberOf(gcp.request, 'name')) ?? gcp.resourceName;
    const id = lastPart(facts.kind === 'token' ? made : ended);
    if (id !== undefined) facts.tokens = [`key:${id}`];
    if (facts.kind === 'token') {
      facts.tokenIssuedMs = gcp.timeMs;
      if (used !== undefined) facts.parents = [used];
    }
    return;
  }
  if (used === undefined) return;
  // What GenerateAccessToken hands out has no id in the log; what it was made from has one.
  if (facts.kind === 'token') facts.parents = [used];
  else facts.tokens = [used];
}

function itemOf({ resourceName }: GcpRecord): TouchedItem | undefined {
  if (resourceName === undefined) return undefined;
  const [, bucket, object] = /\/buckets\/([^/]+)(?:\/objects\/(.+))?$/.exec(resourceName) ?? [];
  if (bucket !== undefined && object !== undefined)
    return { kind: 'object', id: object, in: bucket };
  if (bucket !== undefined) return { kind: 'folder', id: `${bucket}/`, in: bucket };
  const [secret] = /^projects\/[^/]+\/secrets\/[^/]+/.exec(resourceName) ?? [];
  return secret === undefined ? undefined : { kind: 'secret', id: secret };
}
