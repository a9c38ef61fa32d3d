// The folder of key files: all of them open, or none is used. A file that is missing although its
// key has signed is as bad as one that cannot be read.

import { mkdirSync, readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '@countersign/vocabulary';
import { TEMPORARY_SUFFIX, writeNewDurably } from '../disk/write-durably.ts';
import { custodyRefusal } from '../keys-error.ts';
import { hasCustody, openCustody, startCustody } from './custody-file.ts';
import { deriveSealingKey, type KdfParameters } from './derive-key.ts';
import { FingerprintFile } from './fingerprint-file.ts';
import { fingerprintKey } from './fingerprint-key.ts';
import { encodeKeyFile, type KeyFile } from './key-file.ts';
import { type OpenedKey, parseKeyFile, unsealKeyFile } from './open-key-file.ts';
import type { SealingKey } from './seal-key-file.ts';

const KEY_FILE_NAME = /^([A-Za-z0-9_-]{43})\.json$/;

export interface OpenKeyFolder {
  sealing: SealingKey;
  keys: OpenedKey[];
  /** What scanners of dumps find each key by; a key goes in before its file is kept. */
  fingerprints: FingerprintFile;
  /** Makes a new key file durable; never replaces one. */
  save(file: KeyFile): void;
}

export interface KeyFolderOptions {
  /** The signer's folder; keys lie in `keys/` below it. */
  folder: string;
  passphrase: Uint8Array;
  random: Random;
  /** Every kid that the journal has seen sign. */
  signedKids: Iterable<string>;
  /** Only for a folder that has no custody yet. Default: RFC 9106's second choice. */
  kdf?: KdfParameters;
}

/**
 * Opens every key of a folder, or starts an empty one.
 * @throws CodedError with a `CustodyRefusal` code when anything in it is not as it was left
 */
export function openKeyFolder(options: KeyFolderOptions): OpenKeyFolder {
  const { folder, passphrase, random } = options;
  const keyFolder = join(folder, 'keys');
  mkdirSync(keyFolder, { recursive: true, mode: 0o700 });
  const kids = listKids(keyFolder);
  const signed = [...options.signedKids];
  for (const kid of signed) if (!kids.includes(kid)) throw missing(kid);
  if (!hasCustody(folder) && kids.length > 0) throw custodyMissing();
  const sealing = hasCustody(folder)
    ? openCustody(folder, passphrase)
    : startCustody(folder, passphrase, random, options.kdf);
  const keyFor = sealingKeys(sealing, passphrase);
  const keys = kids.map((kid) => {
    const file = parseKeyFile(readFileSync(join(keyFolder, `${kid}.json`)));
    if (file.kid !== kid) throw foreign(`${kid}.json`);
    return unsealKeyFile(file, keyFor(file.custody.kdf));
  });
  // A key in a token or a cloud is in nobody's memory, so nothing of it can be found in a dump.
  const found = keys.flatMap(({ record, place }) =>
    place.kind === 'software' ? fingerprintKey(record.kid, record.alg, place.privateKey) : [],
  );
  const fingerprints = new FingerprintFile(folder, found);
  return { sealing, keys, fingerprints, save: (file) => saveKeyFile(keyFolder, file) };
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
