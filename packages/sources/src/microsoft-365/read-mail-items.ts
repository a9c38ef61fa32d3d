// What a mail record touched. MailItemsAccessed: Bind lists messages by folder (the same ones come again
// in other records: count distinct ids); Sync names a folder and means all of it. Other operations name
// one `Item` or several `AffectedItems`.

import type { ActivityFacts, TouchedItem } from '@countersign/vocabulary';
import type { NameValues } from '../reading/name-values.ts';
import { valueIn } from '../reading/name-values.ts';
import {
  firstText,
  type LooseObject,
  memberOf,
  numberOf,
  objectOf,
  objectsOf,
} from '../reading/read-text.ts';
import type { AuditRecord } from './open-record.ts';

export type TouchedFacts = Pick<ActivityFacts, 'items' | 'itemsComplete' | 'gap'>;

/** Items of one record; the log service itself lists far fewer. */
const MOST_ITEMS = 20_000;

/** @param mailbox what holds the items, for people: the owner's name or the mailbox's id */
export function readMailItems(
  record: AuditRecord,
  mailbox: string | undefined,
  properties: NameValues,
): TouchedFacts {
  const throttled = booleanIn(properties, 'IsThrottled') || record.text('IsThrottled') === 'True';
  const type = valueIn(properties, 'MailAccessType') ?? record.text('MailAccessType');
  if (/^sync$/i.test(type ?? '')) {
    const items = readSyncFolders(record, mailbox);
    return { items, itemsComplete: false, gap: throttled ? 'throttled' : 'aggregated' };
  }
  const listed = [
    ...readFolders(record.get('Folders'), mailbox),
    ...objectsOf(record.get('AffectedItems')).flatMap((item) => readItem(item, mailbox)),
    ...readSingle(record, mailbox),
  ].slice(0, MOST_ITEMS);
  const count = numberOf(record.get('OperationCount'));
  const cut = count !== undefined && count > listed.length;
  if (throttled) return { items: listed, itemsComplete: false, gap: 'throttled' };
  if (cut) return { items: listed, itemsComplete: false, gap: 'truncated' };
  return listed.length === 0 ? {} : { items: listed, itemsComplete: true };
}

function readFolders(value: unknown, mailbox: string | undefined): TouchedItem[] {
  return objectsOf(value).flatMap((folder) => {
    const path = firstText(folder, 'Path', 'path');
    const id = firstText(folder, 'Id', 'id');
    const items = objectsOf(memberOf(folder, 'FolderItems') ?? memberOf(folder, 'folderitems'));
    return items.flatMap((item) => {
      const found = mailOf(item, path ?? id, mailbox);
      return found === undefined ? [] : [found];
    });
  });
}

function readItem(item: LooseObject, mailbox: string | undefined): TouchedItem[] {
  const parent = objectOf(memberOf(item, 'ParentFolder') ?? memberOf(item, 'parentfolder'));
  const found = mailOf(item, firstText(parent, 'Path', 'path'), mailbox);
  return found === undefined ? [] : [found];
}

function readSingle(record: AuditRecord, mailbox: string | undefined): TouchedItem[] {
  const item = objectOf(record.get('Item'));
  if (item === undefined || isFolderOnly(item)) return [];
  return readItem(item, mailbox);
}

/** Without an id of its own there is nothing that was touched but the folder. */
function isFolderOnly(item: LooseObject): boolean {
  return firstText(item, 'InternetMessageId', 'internetmessageid', 'Id', 'id') === undefined;
}

/** A Sync names folders: as the parent of `Item`, whose own id is not one of a message, or as a list. */
function readSyncFolders(record: AuditRecord, mailbox: string | undefined): TouchedItem[] {
  const item = objectOf(record.get('Item'));
  const parent =
    objectOf(memberOf(item, 'ParentFolder') ?? memberOf(item, 'parentfolder')) ??
    objectOf(record.get('Folder'));
  const folders = [parent, ...objectsOf(record.get('Folders'))].slice(0, MOST_ITEMS);
  return folders.flatMap((folder): TouchedItem[] => {
    const path = firstText(folder, 'Path', 'path');
    const id = firstText(folder, 'Id', 'id') ?? path;
    if (id === undefined) return [];
    return [
      { kind: 'folder', id, ...place(mailbox), ...(path === undefined ? {} : { name: path }) },
    ];
  });
}

/** Known by the id of the message, which is the same in every mailbox; else by the store's own id. */
function mailOf(
  item: LooseObject,
  folder: string | undefined,
  mailbox: string | undefined,
): TouchedItem | undefined {
  const id = firstText(item, 'InternetMessageId', 'internetmessageid', 'Id', 'id', 'ImmutableId');
  if (id === undefined) return undefined;
  const subject = firstText(item, 'Subject', 'subject');
  const name = [folder, subject].filter((one) => one !== undefined).join(': ');
  return { kind: 'mail', id, ...place(mailbox), ...(name === '' ? {} : { name }) };
}

function place(mailbox: string | undefined): { in?: string } {
  return mailbox === undefined ? {} : { in: mailbox };
}

function booleanIn(bag: NameValues, name: string): boolean {
  return /^true$/i.test(valueIn(bag, name) ?? '');
}
