// What matching and exposure need of a record: which token and session, whose, through what, and each
// item that was touched.

import type { ActivityFacts, TouchedItem } from '@countersign/vocabulary';
import type { Outcome } from '../ocsf/draft-event.ts';
import { omitAbsent } from '../ocsf/draft-event.ts';
import { isSomebody } from '../reading/fold-person.ts';
import { valueIn } from '../reading/name-values.ts';
import type { Address } from '../reading/read-address.ts';
import type { Classified } from './classify-operation.ts';
import type { AuditRecord } from './open-record.ts';
import type { Bags } from './read-bags.ts';
import { readMailItems, type TouchedFacts } from './read-mail-items.ts';
import { type ReadPersons, targetPersons } from './read-persons.ts';
import type { ReadApp, ReadToken } from './read-token.ts';

export interface FactParts {
  record: AuditRecord;
  bags: Bags;
  operation: string;
  found: Classified;
  persons: ReadPersons;
  app: ReadApp;
  token: ReadToken;
  outcome: Outcome;
  address: Address | undefined;
}

export function readFacts(parts: FactParts): ActivityFacts {
  const { record, bags, found, persons, app, token } = parts;
  const mailbox = found.mail ? mailboxOf(record) : undefined;
  const touched = readTouched(parts, mailbox);
  const organization = record.text('OrganizationId');
  return omitAbsent({
    kind: found.kind,
    outcome: parts.outcome,
    tokens: some(token.tokens),
    sessions: some(token.sessions),
    // Whose sessions ended is the question a revocation answers; otherwise who did it.
    persons: some(found.kind === 'revocation' ? targetPersons(record) : persons.persons),
    app: app.app,
    client: app.client ?? persons.service?.toLowerCase(),
    ip: parts.address?.ip,
    userAgent: app.userAgent,
    device: valueIn(bags.device, 'Id', 'DisplayName') ?? record.text('DeviceId'),
    tenant: (isSomebody(organization) ? organization : token.tenant)?.toLowerCase(),
    resource: mailbox ?? resourceOf(record),
    operation: parts.operation,
    tokenIssuedMs: token.issuedMs,
    ...(record.torn ? { gap: 'truncated', itemsComplete: false } : touched),
  }) as unknown as ActivityFacts;
}

function readTouched(parts: FactParts, mailbox: string | undefined): TouchedFacts {
  const { record, found, bags } = parts;
  if (found.mail) return readMailItems(record, mailbox, bags.operation);
  if (found.classUid !== 6006) return {};
  const item = fileOf(record);
  return item === undefined ? {} : { items: [item], itemsComplete: true };
}

/** Whose mailbox it is: of the owner, not of who opened it. */
function mailboxOf(record: AuditRecord): string | undefined {
  const owner = record.text('MailboxOwnerUPN') ?? record.text('MailboxGuid');
  return isSomebody(owner) ? owner.toLowerCase() : undefined;
}

function resourceOf(record: AuditRecord): string | undefined {
  return record.text('SiteUrl') ?? record.text('Site_Url') ?? record.text('ObjectId');
}

function fileOf(record: AuditRecord): TouchedItem | undefined {
  const id = record.text('ObjectId') ?? record.text('ListItemUniqueId');
  if (id === undefined) return undefined;
  const type = record.text('ItemType')?.toLowerCase();
  const kind = type === 'folder' ? 'folder' : type === 'site' || type === 'web' ? 'site' : 'file';
  const site = record.text('SiteUrl') ?? record.text('Site_Url');
  const name = record.text('SourceFileName');
  return {
    ...{ kind, id },
    ...(site === undefined ? {} : { in: site }),
    ...(name === undefined ? {} : { name }),
  };
}

function some(list: string[]): string[] | undefined {
  return list.length === 0 ? undefined : list;
}
