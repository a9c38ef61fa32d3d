// One record of the unified audit log → one OCSF event with its facts. Nothing is dropped: what cannot
// be read is kept with the raw record and counted.

import { findDirectoryOperation } from '../entra/directory-operations.ts';
import type { JsonObject, MappedRecord, Source } from '../map-record.ts';
import { draftEvent } from '../ocsf/draft-event.ts';
import { addressOf } from '../reading/read-address.ts';
import { timeMsOf } from '../reading/read-time.ts';
import { classifyOperation } from './classify-operation.ts';
import { describeClass } from './describe-class.ts';
import { isMicrosoft365, recordKey } from './identify-record.ts';
import { isGraphActivity, mapGraphActivity } from './map-graph-activity.ts';
import { microsoft365Fields, microsoft365Names } from './microsoft-365-fields.ts';
import { type AuditRecord, openRecord } from './open-record.ts';
import { readBags, showBags } from './read-bags.ts';
import { readFacts } from './read-facts.ts';
import { readGrant, showGrant } from './read-grant.ts';
import { readOutcome } from './read-outcome.ts';
import { readPersons } from './read-persons.ts';
import { readApp, readToken } from './read-token.ts';

const PRODUCT = { name: 'Microsoft 365', vendor: 'Microsoft' };

export const microsoft365: Source = {
  name: 'microsoft-365',
  title: 'Microsoft 365 unified audit log and Graph activity',
  recognises: (record) => isMicrosoft365(record) || isGraphActivity(record),
  map: (record) => [isGraphActivity(record) ? mapGraphActivity(record) : mapRecord(record)],
  fields: microsoft365Fields,
};

function mapRecord(given: JsonObject): MappedRecord {
  const record = openRecord(given);
  const operation = record.text('Operation') ?? 'unknown';
  const bags = readBags(record);
  const found = classifyOperation(record, operation);
  const { classUid, activityId } = found;
  const persons = readPersons(record);
  const app = readApp(record, bags.extended);
  const token = readToken(record, bags.device);
  const grant = readGrant(bags);
  const { outcome, code, detail } = readOutcome(record, operation, bags.extended);
  const timeMs = timeMsOf(record.get('CreationTime')) ?? 0;
  const address = addressOf(
    record.text('ClientIPAddress') ?? record.text('ClientIP') ?? record.text('ActorIpAddress'),
  );
  const facts = readFacts({
    record,
    bags,
    operation,
    found,
    persons,
    app,
    token,
    outcome,
    address,
  });
  const ocsf = draftEvent({
    ...{ classUid, activityId, timeMs, outcome, operation, address },
    activityName: activityId === 99 ? operation : undefined,
    message: describeMessage(record, operation, persons.user.name ?? persons.user.uid),
    statusCode: code,
    statusDetail: detail,
    severityId: found.severityId,
    product: PRODUCT,
    logName: record.text('Workload') ?? 'unified audit log',
    originalUid: record.text('Id'),
    originalTime: record.text('CreationTime'),
    correlation: record.text('CorrelationId') ?? record.text('InterSystemsId'),
    user: persons.user,
    app: { uid: app.client ?? app.app },
    userAgent: app.userAgent,
    session: { uid: token.sessions[0]?.slice('sid:'.length) },
    count: facts.items?.length,
    parts: describeClass(classUid, {
      ...{ record, bags, operation, grant, tokens: token.tokens, issuedMs: token.issuedMs },
      entity: findDirectoryOperation(operation)?.entity,
      mailbox: found.mail ? facts.resource : undefined,
    }),
    unmapped: {
      microsoft_365: { ...record.rest(microsoft365Names), ...showBags(bags), ...showGrant(grant) },
    },
  });
  return { key: recordKey(record, given), timeMs, ocsf, facts, recognised: found.recognised };
}

function describeMessage(record: AuditRecord, operation: string, who: string | undefined): string {
  const workload = record.text('Workload') ?? 'Microsoft 365';
  return `${operation.trim()} in ${workload}${who === undefined ? '' : ` by ${who}`}.`.slice(
    0,
    500,
  );
}
