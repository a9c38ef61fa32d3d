// The folder of key files: all of them open, or none is used. A file that is missing although its
// key has signed is as bad as one that cannot be read, unless the key is on record as over.

import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Random } from '@countersign/vocabulary';
import { TEMPORARY_SUFFIX, writeNewDurably } from '../disk/write-durably.ts';
import { isNoRoom, writeFully } from '../disk/write-fully.ts';
import { custodyRefusal } from '../keys-error.ts';
import { hasCustody, openCustody, startCustody } from './custody-file.ts';
import { deriveSealingKey, type KdfParameters } from './derive-key.ts';
import type { EndedKeys } from './ended-keys.ts';
import { FingerprintFile } from './fingerprint-file.ts';
import { fingerprintKey } from './fingerprint-key.ts';
import { encodeKeyFile, type KeyFile } from './key-file.ts';
import { type OpenedKey, parseKeyFile, unsealKeyFile } from './open-key-file.ts';
import type { SealingKey } from './seal-key-file.ts';

const KEY_FILE_NAME = /^([A-Za-z0-9_-]{43})\.json$/;

export interface OpenKeyFolder {
  sealing: SealingKey;
  keys: OpenedKey[];
  /** Keys that are over, and whose files were not done away with when the last process died. */
  leftovers: string[];
  /** What scanners of dumps find each key by; a key goes in before its file is kept. */
  fingerprints: FingerprintFile;
  /** Makes a new key file durable; never replaces one. */
  save(file: KeyFile): void;
  /** Overwrites the file of a key and removes it; one that is not there is gone already. */
  erase(kid: string): void;
}

export interface KeyFolderOptions {
  /** The signer's folder; keys lie in `keys/` below it. */
  folder: string;
  passphrase: Uint8Array;
  sealing: SealingKey;
  /** Every kid that the journal has seen sign. */
  signedKids: Iterable<string>;
  /** Keys that need no file any more. */
  ended: Pick<EndedKeys, 'find' | 'fingerprints'>;
}

/**
 * The key that seals a folder; starts the custody of an empty one.
 * @param kdf only for a folder that has no custody yet; default: RFC 9106's second choice
 * @throws CodedError `custody_missing`, `custody_corrupt`, `passphrase_wrong`
 */
export function openSealing(
  folder: string,
  passphrase: Uint8Array,
  random: Random,
  kdf?: KdfParameters,
): SealingKey {
  if (hasCustody(folder)) return openCustody(folder, passphrase);
  const keyFolder = join(folder, 'keys');
  mkdirSync(keyFolder, { recursive: true, mode: 0o700 });
  if (listKids(keyFolder).length > 0) throw custodyMissing();
  return startCustody(folder, passphrase, random, kdf);
}

/**
 * Opens every key of a folder that is not over.
 * @throws CodedError with a `CustodyRefusal` code when anything in it is not as it was left
 */
export function openKeyFolder(options: KeyFolderOptions): OpenKeyFolder {
  const { folder, passphrase, sealing, ended } = options;
  const keyFolder = join(folder, 'keys');
  mkdirSync(keyFolder, { recursive: true, mode: 0o700 });
  const kids = new Set(listKids(keyFolder));
  for (const kid of options.signedKids) {
    if (!kids.has(kid) && ended.find(kid) === undefined) throw missing(kid);
  }
  const leftovers = [...kids].filter((kid) => ended.find(kid) !== undefined);
  for (const kid of leftovers) kids.delete(kid);
  const keyFor = sealingKeys(sealing, passphrase);
  const keys = [...kids].map((kid) => {
    const file = parseKeyFile(readFileSync(join(keyFolder, `${kid}.json`)));
    if (file.kid !== kid) throw foreign(`${kid}.json`);
    return unsealKeyFile(file, keyFor(file.custody.kdf));
  });
  // A key in a token or a cloud is in nobody's memory, so nothing of it can be found in a dump.
  const found = keys.flatMap(({ record, place }) =>
    place.kind === 'software' ? fingerprintKey(record.kid, record.alg, place.privateKey) : [],
  );
  const fingerprints = new FingerprintFile(folder, [...ended.fingerprints(), ...found]);
  return {
    ...{ sealing, keys, leftovers, fingerprints },
    save: (file) => saveKeyFile(keyFolder, file),
    erase: (kid) => eraseFile(join(keyFolder, `${kid}.json`)),
  };
}

/**
 * What was sealed is overwritten where it stood, as far as disk and file system let anybody; then the
 * name goes. After a loss of power either may have happened: the next start does it again.
 */
function eraseFile(path: string): void {
  try {
    overwrite(path);
    unlinkSync(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

function overwrite(path: string): void {
  const fd = openSync(path, constants.O_WRONLY | constants.O_SYNC);
  try {
    writeFully(fd, Buffer.alloc(fstatSync(fd).size), 0);
  } catch (error) {
    // A file system that writes every change to another place has no room: nothing is gained there.
    if (!isNoRoom(error)) throw error;
  } finally {
    closeSync(fd);
  }
}

function saveKeyFile(keyFolder: string, file: KeyFile): void {
  // A kid is never used twice (C-06): a name that is taken is an error, not a file to replace.
  writeNewDurably(join(keyFolder, `${file.kid}.json`), encodeKeyFile(file));
}

function listKids(keyFolder: string): string[] {
  const kids: string[] = [];
  for (const name of readdirSync(keyFolder)) {
    const match = KEY_FILE_NAME.exec(name);
    if (match !== null) kids.push(match[1] as string);
    // A key that was being written when the process died: nobody was told of it.
    else if (name.endsWith(`.json${TEMPORARY_SUFFIX}`)) unlinkSync(join(keyFolder, name));
    else throw foreign(name);
  }
  return kids;
}

/** Files restored from another folder may carry another salt; one derivation for each. */
function sealingKeys(
  sealing: SealingKey,
  passphrase: Uint8Array,
): (kdf: KdfParameters) => SealingKey['key'] {
  const known = new Map([[JSON.stringify(sealing.kdf), sealing.key]]);
  return (kdf) => {
    const name = JSON.stringify(kdf);
    const key = known.get(name) ?? deriveSealingKey(passphrase, kdf);
    known.set(name, key);
    return key;
  };
}

function missing(kid: string): Error {
  return custodyRefusal(
    'key_file_missing',
    `The key ${kid} has signed, and its file is not in keys/. Restore it from a backup: a key that signed is kept for ever, so that its use can be told.`,
  );
}

function foreign(name: string): Error {
  return custodyRefusal(
    'key_folder_foreign_file',
    `keys/${name} is not the key file its name says. Move it away, or restore the right one.`,
  );
}

function custodyMissing(): Error {
  return custodyRefusal(
    'custody_missing',
    'There are keys but no custody.json. Restore it from a backup.',
  );
}
