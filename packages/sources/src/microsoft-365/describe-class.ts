// The attributes that are particular to the OCSF class of a record: mailbox, file, entity, grant.

import type { DraftEvent, DraftUser } from '../ocsf/draft-event.ts';
import { describeUser, omitAbsent } from '../ocsf/draft-event.ts';
import { isUuid } from '../reading/fold-person.ts';
import { unquote } from '../reading/unquote.ts';
import type { AuditRecord } from './open-record.ts';
import { type Bags, changeOf } from './read-bags.ts';
import type { ReadGrant } from './read-grant.ts';
import { readParty } from './read-persons.ts';

export interface ClassFacts {
  record: AuditRecord;
  bags: Bags;
  operation: string;
  grant: ReadGrant;
  /** Type of the managed entity. */
  entity: string | undefined;
  mailbox: string | undefined;
  tokens: readonly string[];
  issuedMs: number | undefined;
}

type Parts = DraftEvent['parts'];

export function describeClass(classUid: DraftEvent['classUid'], facts: ClassFacts): Parts {
  return describers[classUid](facts);
}

const describers: Readonly<Record<DraftEvent['classUid'], (facts: ClassFacts) => Parts>> = {
  2004: describeAlert,
  3001: ({ record }) => ({ user: describeUser(targetUser(record)) }),
  3002: describeSignIn,
  3004: describeEntity,
  3005: describeGrant,
  3006: describeGroup,
  6002: ({ record, operation }) => ({
    app: { name: record.text('AddOnName') ?? record.text('AppName') ?? operation },
  }),
  6003: ({ record, operation, tokens, issuedMs }) => ({
    api: omitAbsent({
      operation,
      service: { name: record.text('Workload') ?? 'Microsoft 365' },
      token: describeToken(tokens, issuedMs),
    }),
  }),
  6005: describeMailbox,
  6006: describeFile,
};

function describeSignIn({ record, tokens, issuedMs }: ClassFacts): Parts {
  return omitAbsent({
    authentication_token: describeToken(tokens, issuedMs),
    service: omitAbsent({
      name: record.text('Workload') ?? 'Microsoft 365',
      uid: record.text('ApplicationId') ?? record.text('ObjectId'),
    }),
  });
}

/** OCSF has no type for an access token: 99. */
export function describeToken(tokens: readonly string[], issuedMs: number | undefined) {
  const uid = tokens[0]?.replace(/^\w+:/, '');
  if (uid === undefined) return undefined;
  return omitAbsent({ created_time: issuedMs, type: 'Access Token', type_id: 99, uid });
}

function describeMailbox({ record, mailbox }: ClassFacts): Parts {
  return {
    databucket: omitAbsent({
      name: mailbox ?? 'unknown',
      type: 'Mailbox',
      type_id: 99,
      uid: record.text('MailboxGuid'),
    }),
    type: 'Databucket',
    type_id: 2,
  };
}

const FILE_TYPES: Readonly<Record<string, number>> = { file: 1, folder: 2 };

function describeFile({ record }: ClassFacts): Parts {
  const path = record.text('ObjectId');
  const type = record.text('ItemType');
  const name =
    record.text('SourceFileName') ?? path?.split('/').filter(Boolean).at(-1) ?? 'unknown';
  const typeId = type === undefined ? 0 : (FILE_TYPES[type.toLowerCase()] ?? 99);
  return {
    file: omitAbsent({
      name,
      path,
      type: typeId === 99 ? type : undefined,
      type_id: typeId,
      uid: record.text('ListItemUniqueId'),
    }),
  };
}

function describeEntity({ record, entity, operation, bags }: ClassFacts): Parts {
  const target = readParty(record.get('Target'));
  const name = target.name ?? target.upn ?? record.text('ObjectId');
  const type = entity ?? /^\w+-(\w+)$/.exec(operation)?.[1] ?? record.text('Workload');
  const identity = bags.parameters.get('Identity') ?? bags.parameters.get('Name');
  return {
    entity: omitAbsent({
      name: name ?? identity ?? (target.oid === undefined ? 'unknown' : undefined),
      type: type ?? 'Other',
      type_id: 99,
      uid: target.oid ?? (isUuid(record.text('ObjectId')) ? record.text('ObjectId') : undefined),
    }),
  };
}

function describeGrant({ record, grant, bags, operation }: ClassFacts): Parts {
  const target = readParty(record.get('Target'));
  const resource = target.name ?? target.spn ?? bags.parameters.get('Identity');
  const given = bags.parameters.get('User') ?? bags.parameters.get('Member');
  return omitAbsent({
    privileges: grant.privileges.length > 0 ? grant.privileges : [operation],
    resource: resource === undefined ? undefined : omitAbsent({ name: resource, uid: target.oid }),
    user: describeUser(given === undefined ? targetUser(record) : { name: given }),
  });
}

function describeGroup({ record, bags }: ClassFacts): Parts {
  const held = (name: string): string | undefined => {
    const change = changeOf(bags, name);
    return unquote(change?.after) ?? unquote(change?.before);
  };
  const name = held('Group.DisplayName') ?? record.text('TeamName');
  const uid = held('Group.ObjectID') ?? record.text('TeamGuid') ?? record.text('AADGroupId');
  return {
    group: omitAbsent({ name: name ?? (uid === undefined ? 'unknown' : undefined), uid }),
    user: describeUser(targetUser(record)),
  };
}

function describeAlert({ record, operation }: ClassFacts): Parts {
  const title = record.text('Name') ?? operation;
  return {
    finding_info: omitAbsent({
      desc: record.text('Comments'),
      title,
      types: record.text('Category') === undefined ? undefined : [record.text('Category')],
      uid: record.text('AlertId') ?? record.text('Id') ?? title,
    }),
    is_alert: true,
  };
}

function targetUser(record: AuditRecord): DraftUser {
  const target = readParty(record.get('Target'));
  const objectId = record.text('ObjectId');
  return { uid: target.oid, name: target.upn ?? target.name ?? objectId };
}
