// Okta System Log, as the API, log streams and normalised feeds give it. Joins by `externalSessionId`,
// by `dtHash` (the same device token) and by the ids of tokens among the targets.

import type { ActivityFacts } from '@countersign/vocabulary';
import type { JsonObject, MappedRecord, Source } from '../map-record.ts';
import { draftEvent, type Outcome } from '../ocsf/draft-event.ts';
import { digestRecord } from '../reading/digest-record.ts';
import { describeClass, factorOf, userOf } from './describe-okta-class.ts';
import { factsOfOkta } from './okta-facts.ts';
import { oktaFields } from './okta-fields.ts';
import { oktaMeaningOf } from './okta-operations.ts';
import { describeOrigin, isOktaRecord, type OktaRecord, readOkta, saidOf } from './read-okta.ts';

const SEVERITIES: Readonly<Record<string, number>> = { WARN: 3, ERROR: 4, HIGH: 4 };

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  SUCCESS: 'success',
  ALLOW: 'success',
  FAILURE: 'failure',
  DENY: 'failure',
  RATE_LIMIT: 'failure',
};

export const oktaSource: Source = {
  name: 'okta',
  title: 'Okta System Log',
  recognises: isOktaRecord,
  map: mapOkta,
  fields: oktaFields,
};

function mapOkta(given: JsonObject): MappedRecord[] {
  const okta = readOkta(given);
  const meaning = oktaMeaningOf(okta.eventType);
  const outcome = OUTCOMES[okta.result?.toUpperCase() ?? ''] ?? 'unknown';
  const facts: ActivityFacts = factsOfOkta(okta, meaning, outcome);
  const session = saidOf(okta.authentication, 'externalSessionId');
  const actor = userOf(okta.actor);
  return [
    {
      key: okta.uuid ?? digestRecord(okta.record),
      timeMs: okta.timeMs,
      facts,
      recognised: meaning.recognised,
      ocsf: draftEvent({
        classUid: meaning.classUid,
        activityId: meaning.activityId,
        activityName: meaning.activityName,
        timeMs: okta.timeMs,
        message: okta.message ?? okta.eventType,
        outcome,
        statusCode: okta.result,
        statusDetail: okta.reason,
        severityId: SEVERITIES[okta.severity?.toUpperCase() ?? ''],
        product: { name: 'Okta', vendor: 'Okta' },
        logName: 'System Log',
        originalUid: okta.uuid,
        originalTime: okta.published,
        operation: okta.eventType,
        correlation: saidOf(okta.transaction, 'id'),
        user: actor ?? { name: saidOf(okta.record as JsonObject, 'actorId') },
        app: { uid: saidOf(okta.client, 'id') },
        address: okta.address,
        endpoint: describeOrigin(okta),
        userAgent: okta.userAgent,
        ...(session === undefined ? {} : { session: { uid: session, issuer: 'Okta' } }),
        parts: { ...describeClass(okta, meaning), ...factorPart(okta, meaning.classUid) },
        unmapped: { okta: okta.rest },
      }),
    },
  ];
}

function factorPart(okta: OktaRecord, classUid: number): Record<string, unknown> {
  const factor = classUid === 3002 ? factorOf(okta) : undefined;
  return factor === undefined ? {} : { auth_factors: [factor] };
}
