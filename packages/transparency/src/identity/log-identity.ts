// Which log a folder holds, `log.json`, and its keys. Written last when a log is made, so that a
// folder with it is whole; keys are made with the log and never again.

import { isKeyName } from '@countersign/verifier';
import type { Random } from '@countersign/vocabulary';
import { type DiskReader, type LogDisk, writeAll } from '../disk/log-disk.ts';
import { refusal } from '../transparency-error.ts';
import { type KeyCost, WrappingKeys } from './derive-wrapping-key.ts';
import { LOCK_FILE } from './hold-writer-lock.ts';
import {
  FIRST_KEY_ROLES,
  type FirstKeyRole,
  LOG_KEY_ROLES,
  type LogKey,
  type LogKeyRole,
  makeLogKey,
  openLogKeyFile,
} from './log-key-file.ts';

export const IDENTITY_FILE = 'log.json';
const KEY_FOLDER = 'keys';
const FORMAT = 'countersign/log/v1';
const SALT_BYTES = 16;
/** `/feed` must still fit behind it in one length byte. */
const MAX_ORIGIN_LENGTH = 250;

/** One of each; logs made before it was signed with have no ML-DSA-44 key. */
type OfEachRole<Value> = Record<FirstKeyRole, Value> & Partial<Record<LogKeyRole, Value>>;

export type LogKeys = OfEachRole<LogKey>;

export interface LogIdentity {
  format: string;
  /** First line of every checkpoint: the base URL without its scheme, then `/log`. */
  origin: string;
  createdMs: number;
  /** Public keys as text. */
  keys: OfEachRole<string>;
}

/** Path of a key's file within the log's folder. */
export function logKeyPath(role: LogKeyRole): string {
  return `${KEY_FOLDER}/${role}.json`;
}

/** @throws CodedError `origin_malformed` */
export function checkOrigin(origin: string): void {
  if (!isKeyName(origin) || origin.includes('://') || origin.length > MAX_ORIGIN_LENGTH) {
    throw refusal(
      'origin_malformed',
      'The origin of a log is its URL without the scheme, at most 250 characters, no space or plus.',
    );
  }
}

/**
 * Reads which log the folder holds; undefined when the folder is empty.
 * @throws CodedError `log_half_made`, `folder_not_empty`, `log_format_unknown`, `origin_mismatch`
 */
export function readIdentity(disk: DiskReader, origin: string): LogIdentity | undefined {
  const bytes = disk.read(IDENTITY_FILE);
  if (bytes === undefined) {
    checkEmpty(disk.list('.'));
    return undefined;
  }
  const identity = parseIdentity(bytes);
  if (identity.origin !== origin) {
    throw refusal(
      'origin_mismatch',
      `The folder holds the log ${identity.origin}, not ${origin}. A log keeps its origin for life: start it under its own, or give the new one another folder.`,
    );
  }
  return identity;
}

export interface NewIdentity {
  origin: string;
  createdMs: number;
  passphrase: Uint8Array;
  cost: KeyCost;
  random: Random;
}

/** Makes keys and writes their files. `seal` must follow, once everything else is in the folder. */
export function makeKeys(disk: LogDisk, identity: NewIdentity, onKeyDurable: () => void): LogKeys {
  checkOrigin(identity.origin);
  const wrapping = new WrappingKeys(identity.passphrase);
  const salt = identity.random.bytes(SALT_BYTES);
  const { cost, random } = identity;
  disk.makeFolder(KEY_FOLDER);
  const keys = eachRole(LOG_KEY_ROLES, (role) => {
    const { key, file } = makeLogKey(role, identity.origin, { wrapping, salt, cost, random });
    writeFile(disk, logKeyPath(role), file);
    onKeyDurable();
    return key;
  });
  wrapping.wipe();
  return keys;
}

/** Declares the folder a whole log. */
export function sealIdentity(
  disk: LogDisk,
  { origin, createdMs }: Pick<NewIdentity, 'origin' | 'createdMs'>,
  keys: LogKeys,
): LogIdentity {
  const identity: LogIdentity = {
    format: FORMAT,
    origin,
    createdMs,
    keys: eachRole(rolesOf(keys), (role) => (keys[role] as LogKey).verifierKey),
  };
  writeFile(disk, IDENTITY_FILE, Buffer.from(`${JSON.stringify(identity, undefined, 2)}\n`));
  return identity;
}

/** Opens the keys of a log. @throws CodedError `key_unreadable` */
export function openKeys(disk: LogDisk, identity: LogIdentity, passphrase: Uint8Array): LogKeys {
  const wrapping = new WrappingKeys(passphrase);
  const keys = eachRole(rolesOf(identity.keys), (role) => {
    const bytes = disk.read(logKeyPath(role));
    if (bytes === undefined) {
      throw refusal(
        'key_unreadable',
        `The ${role} key of the log is missing. Restore its file: a log cannot change its keys.`,
      );
    }
    const key = openLogKeyFile(bytes, wrapping);
    if (key.role !== role || key.verifierKey !== identity.keys[role]) {
      throw refusal('key_unreadable', `The file of the ${role} key holds another key.`);
    }
    return key;
  });
  wrapping.wipe();
  return keys;
}

function checkEmpty(names: string[]): void {
  const found = names.filter((name) => name !== LOCK_FILE);
  if (found.length === 0) return;
  if (found.includes(KEY_FOLDER)) {
    throw refusal(
      'log_half_made',
      'The folder holds keys but no log.json: making the log was interrupted, or the file was lost. If no log ever ran here, empty the folder; otherwise restore the file.',
    );
  }
  throw refusal(
    'folder_not_empty',
    'The folder holds other files and no log; a log is only made in an empty folder.',
  );
}

function parseIdentity(bytes: Buffer): LogIdentity {
  let identity: Partial<LogIdentity> | null;
  try {
    identity = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw refusal('log_half_made', 'log.json is damaged; restore it.', { cause });
  }
  if (identity?.format !== FORMAT) {
    throw refusal(
      'log_format_unknown',
      'The folder holds a log of a format that this version does not know.',
    );
  }
  const { origin, keys } = identity;
  const roles = keys == null ? FIRST_KEY_ROLES : rolesOf(keys);
  const texts = [origin, ...roles.map((role) => keys?.[role])];
  if (texts.some((text) => typeof text !== 'string')) {
    throw refusal('log_half_made', 'log.json is incomplete; restore it.');
  }
  return identity as LogIdentity;
}

function writeFile(disk: LogDisk, path: string, bytes: Buffer): void {
  const file = disk.create(path);
  writeAll(file, bytes, 0);
  file.close();
}

function rolesOf(keys: OfEachRole<unknown>): readonly LogKeyRole[] {
  return 'checkpointMlDsa44' in keys ? LOG_KEY_ROLES : FIRST_KEY_ROLES;
}

function eachRole<Value>(
  roles: readonly LogKeyRole[],
  make: (role: LogKeyRole) => Value,
): OfEachRole<Value> {
  return Object.fromEntries(roles.map((role) => [role, make(role)])) as OfEachRole<Value>;
}
