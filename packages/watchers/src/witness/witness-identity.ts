// Who a witness is and which logs it has ever been asked to watch: `witness.json`, written last when
// it is made, and `keys.json`. A log that is named there must have its state: without it the witness
// would start at size zero and cosign whatever it is shown.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  decodeBase64url,
  encodeBase64url,
  formatVerifierKey,
  isKeyName,
} from '@countersign/verifier';
import { makePrivateFolder, readWhole, replaceDurably } from '../disk/durable-file.ts';
import { isLockFile } from '../disk/hold-folder.ts';
import { refusal } from '../watcher-error.ts';
import {
  COSIGNER_KEYS,
  type Cosigner,
  createCosigner,
  drawPrivateKeys,
  exportPrivateKey,
  importPrivateKey,
} from './cosigner.ts';
import { type KeyBox, openKeys, sealKeys } from './seal-keys.ts';

const IDENTITY_FILE = 'witness.json';
const KEY_FILE = 'keys.json';
const FORMAT = 'countersign/witness/v1';

export interface WitnessIdentity {
  format: typeof FORMAT;
  name: string;
  createdMs: number;
  keys: { ed25519: string; mldsa44: string };
  /** Origins that have a state file. */
  logs: string[];
}

export interface IdentityOptions {
  folder: string;
  passphrase: Uint8Array | undefined;
}

/** Undefined when the folder is empty. @throws CodedError `folder_not_empty`, `state_corrupt` */
export function readIdentity(folder: string): WitnessIdentity | undefined {
  const bytes = readWhole(join(folder, IDENTITY_FILE));
  if (bytes === undefined) {
    const found = readdirSync(folder).filter((name) => !isLockFile(name));
    if (found.length === 0) return undefined;
    throw refusal(
      'folder_not_empty',
      'The folder holds other files and no witness.json: restore that file, or give the witness an empty folder.',
    );
  }
  const identity = parseObject(bytes, 'state_corrupt', IDENTITY_FILE) as Partial<WitnessIdentity>;
  const { format, name, createdMs, keys, logs } = identity;
  const sound =
    format === FORMAT &&
    typeof name === 'string' &&
    Number.isSafeInteger(createdMs) &&
    COSIGNER_KEYS.every((key) => typeof keys?.[key] === 'string') &&
    Array.isArray(logs) &&
    logs.every((log) => typeof log === 'string');
  if (!sound) throw refusal('state_corrupt', `${IDENTITY_FILE} is of no format known here.`);
  return identity as WitnessIdentity;
}

/** Draws keys and makes the witness. @throws CodedError `name_malformed`, `key_unreadable` */
export async function makeIdentity(
  { folder, passphrase }: IdentityOptions,
  name: string,
  createdMs: number,
): Promise<{ identity: WitnessIdentity; cosigner: Cosigner }> {
  if (!isKeyName(name) || name.includes('://')) {
    throw refusal(
      'name_malformed',
      'A witness is named like a URL without its scheme, for example witness.example/w1: at most 255 bytes, no space, no plus.',
    );
  }
  makePrivateFolder(folder);
  const privateKeys = drawPrivateKeys();
  const cosigner = createCosigner(name, privateKeys);
  const keys = {
    ed25519: formatVerifierKey(cosigner.keys.ed25519),
    mldsa44: formatVerifierKey(cosigner.keys.mldsa44),
  };
  const identity: WitnessIdentity = { format: FORMAT, name, createdMs, keys, logs: [] };
  const bare = Object.fromEntries(
    COSIGNER_KEYS.map((type) => [type, encodeBase64url(exportPrivateKey(privateKeys[type]))]),
  );
  const box = sealKeys(Buffer.from(JSON.stringify(bare)), boundFacts(identity), passphrase);
  await replaceDurably(join(folder, KEY_FILE), asJson(box));
  await writeIdentity(folder, identity);
  return { identity, cosigner };
}

/** @throws CodedError `key_unreadable` */
export function openCosigner(
  { folder, passphrase }: IdentityOptions,
  identity: WitnessIdentity,
): Cosigner {
  const file = readWhole(join(folder, KEY_FILE));
  if (file === undefined) throw refusal('key_unreadable', `${KEY_FILE} is missing; restore it.`);
  const box = parseObject(file, 'key_unreadable', KEY_FILE) as unknown as KeyBox;
  const opened = openKeys(box, boundFacts(identity), passphrase);
  const bare = parseObject(opened, 'key_unreadable', KEY_FILE);
  const read = (type: 'ed25519' | 'mldsa44') => {
    const text = bare[type];
    const bytes = typeof text === 'string' ? decodeBase64url(text) : undefined;
    return importPrivateKey(bytes ?? new Uint8Array(0), type);
  };
  const cosigner = createCosigner(identity.name, {
    ed25519: read('ed25519'),
    mldsa44: read('mldsa44'),
  });
  for (const type of COSIGNER_KEYS) {
    if (formatVerifierKey(cosigner.keys[type]) === identity.keys[type]) continue;
    throw refusal('key_unreadable', `${KEY_FILE} holds the keys of another witness.`);
  }
  return cosigner;
}

export async function writeIdentity(folder: string, identity: WitnessIdentity): Promise<void> {
  await replaceDurably(join(folder, IDENTITY_FILE), asJson(identity));
}

function boundFacts({ format, name, keys }: WitnessIdentity): Buffer {
  return Buffer.from(JSON.stringify([format, name, keys.ed25519, keys.mldsa44]));
}

function asJson(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`);
}

function parseObject(
  bytes: Uint8Array,
  code: 'state_corrupt' | 'key_unreadable',
  file: string,
): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (cause) {
    throw refusal(code, `${file} is damaged; restore it.`, { cause });
  }
  throw refusal(code, `${file} is damaged; restore it.`);
}
