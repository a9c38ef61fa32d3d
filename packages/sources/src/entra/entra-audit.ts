// Entra's audit log (what changed in the directory) in three shapes → OCSF 3001, 3004, 3005, 3006 by
// activity. What nobody knows is a change of an entity under its own name, kept and counted.

import type { ActivityFacts } from '@countersign/vocabulary';
import type { JsonObject, MappedRecord, Source } from '../map-record.ts';
import { type DraftUser, draftEvent, type Outcome, omitAbsent } from '../ocsf/draft-event.ts';
import { foldPersons, isSomebody } from '../reading/fold-person.ts';
import { nameValuesOf } from '../reading/name-values.ts';
import { addressOf } from '../reading/read-address.ts';
import { timeMsOf } from '../reading/read-time.ts';
import { describeAudit } from './describe-audit.ts';
import { type DirectoryOperation, findDirectoryOperation } from './directory-operations.ts';
import { auditFields, auditNames } from './entra-fields.ts';
import { auditKey, isEntraAudit } from './identify-entra.ts';
import { type EntraRecord, openEntraRecord } from './open-entra-record.ts';
import { changesOf, readTargets, type Target } from './read-targets.ts';

export const entraAudit: Source = {
  name: 'entra-audit',
  title: 'Microsoft Entra audit log',
  recognises: isEntraAudit,
  map: (record) => [mapAudit(record)],
  fields: auditFields,
};

const UNKNOWN: DirectoryOperation = { classUid: 3004, activityId: 99 };

function mapAudit(given: JsonObject): MappedRecord {
  const record = openEntraRecord(given);
  const activity =
    record.text('activityDisplayName') ?? record.text('operationName') ?? 'unknown activity';
  const found = findDirectoryOperation(activity);
  const { classUid, activityId, severityId } = found ?? UNKNOWN;
  const written =
    record.text('activityDateTime') ?? record.text('time') ?? record.text('TimeGenerated');
  const timeMs = timeMsOf(written) ?? 0;
  const targets = readTargets(record);
  const by = readInitiator(record);
  const outcome = outcomeOf(record.text('result') ?? record.text('resultType'));
  const additional = nameValuesOf(record.get('additionalDetails'));
  const changes = changesOf(targets);
  const ocsf = draftEvent({
    ...{ classUid, activityId, timeMs, outcome, severityId },
    activityName: activityId === 99 ? activity : undefined,
    message: `${activity} by ${by.user.name ?? by.user.uid ?? 'nobody named'}.`.slice(0, 500),
    statusCode: record.text('result') ?? record.text('resultSignature'),
    statusDetail: record.text('resultReason') ?? record.text('resultDescription'),
    product: { name: 'Microsoft Entra ID', vendor: 'Microsoft' },
    logName: 'AuditLogs',
    originalUid: record.text('id'),
    originalTime: written,
    operation: activity,
    correlation: record.text('correlationId'),
    user: by.user,
    app: by.app,
    address: by.address,
    userAgent: additional.get('User-Agent'),
    parts: describeAudit(classUid, { targets, activity, entity: found?.entity }),
    unmapped: {
      entra: {
        ...record.rest(auditNames),
        ...(additional.size === 0 ? {} : { additional_details: Object.fromEntries(additional) }),
        ...(changes.length === 0 ? {} : { modified_properties: changes }),
        ...(targets.length === 0 ? {} : { targets: targets.map(showTarget) }),
      },
    },
  });
  return {
    ...{ key: auditKey(record, given, activity), timeMs, ocsf },
    facts: factsOf(record, { activity, found, targets, by, outcome }),
    recognised: found !== undefined && timeMs > 0,
  };
}

interface Initiator {
  user: DraftUser;
  app: { uid?: string | undefined; name?: string | undefined } | undefined;
  address: ReturnType<typeof addressOf>;
}

/** A person or an application; the other is null. In a diagnostic export the person is `identity` too. */
function readInitiator(record: EntraRecord): Initiator {
  const held = (...path: string[]): string | undefined => record.inside('initiatedBy', ...path);
  const app = { uid: held('app', 'appId'), name: held('app', 'displayName') };
  const service = held('app', 'servicePrincipalId');
  const person = { uid: held('user', 'id'), name: held('user', 'userPrincipalName') };
  const isApp = person.uid === undefined && person.name === undefined && (service ?? app.name);
  return {
    user: isApp
      ? { uid: service, name: app.name, type: 'Service' }
      : { uid: person.uid, name: person.name ?? record.text('identity'), type: 'User' },
    app: app.uid === undefined && app.name === undefined ? undefined : app,
    address: addressOf(held('user', 'ipAddress') ?? record.text('callerIpAddress')),
  };
}

interface AuditParts {
  activity: string;
  found: DirectoryOperation | undefined;
  targets: readonly Target[];
  by: Initiator;
  outcome: Outcome;
}

function factsOf(record: EntraRecord, parts: AuditParts): ActivityFacts {
  const { activity, found, targets, by, outcome } = parts;
  const people = targets.filter(({ type }) => type?.toLowerCase() === 'user');
  // Whose sessions ended is the question a revocation answers; otherwise who did it.
  const persons = found?.revokes
    ? foldPersons({ oids: people.map(({ id }) => id), upns: people.map(({ upn }) => upn) })
    : foldPersons({
        oids: [by.user.uid],
        upns: [by.user.type === 'User' ? by.user.name : undefined],
      });
  const tenant = [record.text('tenantId'), record.text('AADTenantId')].find(isSomebody);
  return omitAbsent({
    kind: found?.revokes ? 'revocation' : found === undefined ? 'other' : 'change',
    outcome,
    persons: persons.length === 0 ? undefined : persons,
    client: by.app?.uid?.toLowerCase(),
    ip: by.address?.ip,
    tenant: tenant?.toLowerCase(),
    resource: targets[0]?.id ?? targets[0]?.name,
    operation: activity,
  }) as unknown as ActivityFacts;
}

function outcomeOf(word: string | undefined): Outcome {
  const folded = word?.toLowerCase();
  if (folded === 'success' || folded === '0') return 'success';
  return folded === 'failure' || folded === 'clienterror' ? 'failure' : 'unknown';
}

function showTarget({ id, type, name, upn }: Target): Record<string, unknown> {
  return omitAbsent({ id, type, name, upn });
}
