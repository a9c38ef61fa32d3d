// Elastic Common Schema events: nested or with dots in the names, alone or as an export of an index
// gives them (`_source`). By `event.category` and `event.type`.

import type { ActivityFacts } from '@countersign/vocabulary';
import type { JsonObject, MappedRecord, Source } from '../map-record.ts';
import { describeUser, draftEvent, type Outcome } from '../ocsf/draft-event.ts';
import { addSaid } from '../reading/add-said.ts';
import { digestRecord } from '../reading/digest-record.ts';
import { foldPersons } from '../reading/fold-person.ts';
import { maskSecrets } from '../reading/mask-secrets.ts';
import { addressOf } from '../reading/read-address.ts';
import { memberOf, textOf } from '../reading/read-text.ts';
import { timeMsOf } from '../reading/read-time.ts';
import { ecsFields } from './ecs-fields.ts';
import { type EcsMeaning, ecsMeaningOf } from './ecs-meaning.ts';
import { ecsValue, isEcsRecord, openHit } from './read-ecs.ts';

export const ecsSource: Source = {
  name: 'ecs',
  title: 'Elastic Common Schema',
  recognises: isEcsRecord,
  map: mapEcs,
  fields: ecsFields,
};

function mapEcs(given: JsonObject): MappedRecord[] {
  const record = openHit(given);
  const text = (...paths: string[]): string | undefined => {
    for (const path of paths) {
      const found = textOf(ecsValue(record, path));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const time = ecsValue(record, '@timestamp');
  const timeMs = timeMsOf(time) ?? 0;
  const action = text('event.action') ?? text('event.type') ?? 'unknown';
  const meaning = ecsMeaningOf(text('event.category') ?? '', text('event.type') ?? '', action);
  const said = text('event.outcome');
  const outcome: Outcome = said === 'success' || said === 'failure' ? said : 'unknown';
  const id = text('event.id') ?? textOf(memberOf(given, '_id'));
  const address = addressOf(text('source.ip', 'client.ip', 'source.address'));
  return [
    {
      key: id ?? digestRecord(record),
      timeMs,
      facts: factsOf(text, meaning, outcome, action),
      recognised: meaning.recognised,
      ocsf: draftEvent({
        classUid: meaning.classUid,
        activityId: meaning.activityId,
        timeMs,
        message: text('message') ?? action,
        outcome,
        statusDetail: text('event.reason', 'error.message'),
        product: {
          name:
            text('observer.product', 'event.module', 'event.provider') ?? 'Elastic Common Schema',
          vendor: text('observer.vendor') ?? 'unknown',
        },
        logName: text('event.dataset', 'event.module') ?? 'ecs',
        originalUid: id,
        originalTime: textOf(time),
        operation: action,
        user: { uid: text('user.id'), name: text('user.email', 'user.name') },
        address,
        userAgent: text('user_agent.original'),
        parts: describeClass(text, meaning, action),
        unmapped: { ecs: maskSecrets(record) },
      }),
    },
  ];
}

type ReadEcs = (...paths: string[]) => string | undefined;

function describeClass(
  text: ReadEcs,
  meaning: EcsMeaning,
  action: string,
): Record<string, unknown> {
  const name = text(
    'user.target.name',
    'user.target.email',
    'user.effective.name',
    'user.email',
    'user.name',
  );
  const user = describeUser({ uid: text('user.target.id', 'user.effective.id', 'user.id'), name });
  const service = text('service.name', 'event.provider', 'event.module') ?? 'unknown';
  switch (meaning.classUid) {
    case 3001:
      return { user };
    case 3002:
      return { service: { name: service }, user };
    case 3004:
      return {
        entity: {
          name: text('event.provider', 'event.dataset') ?? action,
          type: 'Configuration',
          type_id: 99,
        },
      };
    case 3006:
      return {
        group: { name: text('group.name', 'group.id', 'user.target.group.name') ?? 'unknown' },
        user,
      };
    case 6006:
      return {
        file: {
          name: text('file.name', 'file.path') ?? 'unknown',
          path: text('file.path'),
          type_id: 1,
        },
      };
    default:
      return { api: { operation: action, service: { name: service } } };
  }
}

function factsOf(
  text: ReadEcs,
  meaning: EcsMeaning,
  outcome: Outcome,
  operation: string,
): ActivityFacts {
  const facts: ActivityFacts = { kind: meaning.kind, outcome, operation };
  const key = text('aws.cloudtrail.user_identity.access_key_id');
  const uti = text('azure.signinlogs.properties.unique_token_identifier');
  const tokens = [key && `key:${key}`, uti && `uti:${uti}`].filter((one) => one !== undefined);
  if (tokens.length > 0) facts.tokens = tokens;
  const session = text('okta.authentication_context.external_session_id');
  if (session !== undefined && session !== 'unknown') facts.sessions = [`sid:${session}`];
  const names = [text('user.email'), text('user.name')];
  const persons = foldPersons({
    emails: names.filter((name) => name?.includes('@')),
    ids: [text('user.id'), names.find((name) => name?.includes('@') === false)],
  });
  if (persons.length > 0) facts.persons = persons;
  addSaid(facts, {
    asn: text('source.as.number', 'client.as.number'),
    ip: addressOf(text('source.ip', 'client.ip', 'source.address'))?.ip,
    resource: text('service.name', 'url.full', 'event.dataset'),
    tenant: text('cloud.account.id', 'organization.id'),
    userAgent: text('user_agent.original'),
  });
  const file = text('file.path', 'file.name');
  if (file !== undefined) facts.items = [{ kind: 'file', id: file }];
  return facts;
}
