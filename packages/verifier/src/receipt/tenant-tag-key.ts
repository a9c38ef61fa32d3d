// What a tenant is handed to recognise its own leaves: its key, the instances that issue in its
// name, the logs they use. A secret: it opens whose tokens the tenant's leaves are, to anybody.

import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts';
import { FormatError } from '../format-error.ts';
import { readJson } from '../json/read-json.ts';
import { isKeyName } from '../note/key-id.ts';

export interface TenantTagKey {
  readonly tenant: string;
  /** 32 bytes each, newest first: older leaves carry tags of the keys before. */
  readonly keys: readonly Uint8Array[];
  /** Ids of the instances that issue, or once issued, in the tenant's name. */
  readonly instances: readonly string[];
  /** Origins of the logs in which the tenant's tokens are. */
  readonly logs: readonly string[];
}

const KEY_BYTES = 32;
const MOST_KEYS = 8;
const MOST_INSTANCES = 64;
const MOST_LOGS = 16;
const LONGEST_NAME_BYTES = 255;
const LONGEST_DOCUMENT = 65_536;
const MEMBERS = ['version', 'tenant', 'keys', 'instances', 'logs'];

/** @throws FormatError `tag_key_malformed`, `json_malformed`, `json_duplicate_member` */
export function parseTenantTagKey(document: string): TenantTagKey {
  if (document.length > LONGEST_DOCUMENT) throw malformed('is too long');
  const value = readJson(document);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed('is not an object');
  }
  const members = value as Record<string, unknown>;
  const unknown = Object.keys(members).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw malformed('has a member that does not exist');
  if (members['version'] !== 1) throw malformed('is not of version 1');
  const { tenant } = members;
  if (typeof tenant !== 'string') throw malformed('names no tenant');
  const keys = texts(members, 'keys').map((text) => decodeBase64url(text) ?? new Uint8Array());
  const [instances, logs] = [texts(members, 'instances'), texts(members, 'logs')];
  return demandTenantTagKey({ tenant, keys, instances, logs });
}

export function formatTenantTagKey({ tenant, keys, instances, logs }: TenantTagKey): string {
  return JSON.stringify({ version: 1, tenant, keys: keys.map(encodeBase64url), instances, logs });
}

/** The key as it came. @throws FormatError `tag_key_malformed` when it could match nothing or anything */
export function demandTenantTagKey(key: TenantTagKey): TenantTagKey {
  const { tenant, keys, instances, logs } = key;
  if (!isName(tenant)) throw malformed('names no tenant');
  demandList(keys, MOST_KEYS, 'keys', (each) => each.length === KEY_BYTES);
  demandList(instances, MOST_INSTANCES, 'instances', isName);
  demandList(logs, MOST_LOGS, 'logs', isKeyName);
  return key;
}

function demandList<T>(
  list: readonly T[],
  most: number,
  name: string,
  isSound: (each: T) => boolean,
): void {
  if (list.length === 0 || list.length > most) {
    throw malformed(`must list between one and ${most} ${name}`);
  }
  if (!list.every(isSound)) throw malformed(`lists ${name} that cannot be`);
}

function texts(members: Record<string, unknown>, name: string): string[] {
  const list = members[name];
  if (!Array.isArray(list) || !list.every((each) => typeof each === 'string')) {
    throw malformed(`has no list of texts named ${name}`);
  }
  return list;
}

function isName(text: string): boolean {
  return text !== '' && new TextEncoder().encode(text).length <= LONGEST_NAME_BYTES;
}

function malformed(what: string): FormatError {
  return new FormatError('tag_key_malformed', `The tenant tag key ${what}.`);
}
