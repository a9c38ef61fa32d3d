// What a call touched: objects of S3, secrets, parameters, rows of tables. What the record does not
// list is said to be not listed.

import type { TouchedItem } from '@countersign/vocabulary';
import { type LooseObject, listOf, memberOf, textOf } from '../reading/read-text.ts';

const MOST_ITEMS = 1000;
const LONGEST_ROW_KEY = 512;

export interface TouchedItems {
  items: TouchedItem[];
  complete: boolean;
}

export function listAwsItems(
  service: string,
  name: string,
  request: LooseObject | undefined,
): TouchedItems | undefined {
  if (request === undefined) return undefined;
  const bucket = textOf(memberOf(request, 'bucketName'));
  if (bucket !== undefined && service === 's3') return ofBucket(name, bucket, request);
  if (service === 'secretsmanager' && SECRET_READS.has(name)) return ofSecrets(request);
  if (service === 'ssm' && name.startsWith('GetParameter')) return ofParameters(name, request);
  if (service === 'ec2' && name === 'GetPasswordData') {
    return some('secret', [memberOf(request, 'instanceId')], true);
  }
  if (service === 'dynamodb') return ofTable(name, request);
  return undefined;
}

const SECRET_READS: ReadonlySet<string> = new Set(['GetSecretValue', 'BatchGetSecretValue']);

function ofBucket(name: string, bucket: string, request: LooseObject): TouchedItems | undefined {
  const key = textOf(memberOf(request, 'key'));
  if (key !== undefined) {
    return { items: [{ kind: 'object', id: key, in: bucket }], complete: name !== 'DeleteObjects' };
  }
  // The keys of DeleteObjects are not in the record.
  if (name === 'DeleteObjects') return { items: [], complete: false };
  if (!name.startsWith('ListObject') && name !== 'ListBucket') return undefined;
  const prefix = textOf(memberOf(request, 'prefix')) ?? '';
  return { items: [{ kind: 'folder', id: `${bucket}/${prefix}`, in: bucket }], complete: true };
}

function ofSecrets(request: LooseObject): TouchedItems | undefined {
  const listed = [memberOf(request, 'secretId'), ...listOf(memberOf(request, 'secretIdList'))];
  const found = some('secret', listed, true);
  // A batch may also be asked for by filters: which secrets came is not in the record.
  return found ?? { items: [], complete: false };
}

function ofParameters(name: string, request: LooseObject): TouchedItems | undefined {
  const kind = memberOf(request, 'withDecryption') === true ? 'secret' : 'other';
  const path = textOf(memberOf(request, 'path'));
  if (name === 'GetParametersByPath') {
    return path === undefined ? undefined : { items: [{ kind, id: path }], complete: false };
  }
  return some(kind, [memberOf(request, 'name'), ...listOf(memberOf(request, 'names'))], true);
}

function ofTable(name: string, request: LooseObject): TouchedItems | undefined {
  const table = textOf(memberOf(request, 'tableName'));
  if (table === undefined) return undefined;
  const key = memberOf(request, 'key');
  const row = typeof key === 'object' && key !== null ? shortText(key) : undefined;
  if (row !== undefined) return { items: [{ kind: 'row', id: row, in: table }], complete: true };
  if (!['Query', 'Scan', 'GetItem', 'BatchGetItem', 'GetRecords'].includes(name)) return undefined;
  return { items: [{ kind: 'other', id: table, in: table }], complete: false };
}

function shortText(key: object): string | undefined {
  const text = JSON.stringify(key);
  return text.length <= LONGEST_ROW_KEY ? text : undefined;
}

function some(
  kind: TouchedItem['kind'],
  ids: readonly unknown[],
  complete: boolean,
): TouchedItems | undefined {
  const named = ids.map(textOf).filter((id) => id !== undefined);
  if (named.length === 0) return undefined;
  return {
    items: named.slice(0, MOST_ITEMS).map((id) => ({ kind, id })),
    complete: complete && named.length <= MOST_ITEMS,
  };
}
