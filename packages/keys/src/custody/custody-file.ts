// `custody.json`: how this folder's passphrase becomes its sealing key, and a sealed check by which
// a wrong passphrase is known before any key exists.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '@countersign/verifier';
import type { Random } from '@countersign/vocabulary';
import { z } from 'zod';
import { writeDurably } from '../disk/write-durably.ts';
import { custodyRefusal } from '../keys-error.ts';
import { canonicalBytes } from './canonical-json.ts';
import { deriveSealingKey, type KdfParameters, kdfSchema, newKdfParameters } from './derive-key.ts';
import { seal, sealedSchema, unseal } from './seal.ts';
import type { SealingKey } from './seal-key-file.ts';

export const CUSTODY_FILE = 'custody.json';
const CHECK = Buffer.from('countersign/custody/check/v1', 'ascii');
const SALT_BYTES = 16;

const custodySchema = z.strictObject({
  version: z.literal(1),
  kdf: kdfSchema,
  check: sealedSchema,
});

/** True once this folder has a custody, and so may have keys. */
export function hasCustody(folder: string): boolean {
  return existsSync(join(folder, CUSTODY_FILE));
}

/**
 * Opens the custody of a folder: one key derivation.
 * @throws CodedError `custody_corrupt`, `passphrase_wrong`
 */
export function openCustody(folder: string, passphrase: Uint8Array): SealingKey {
  const { kdf, check } = parseCustody(readFileSync(join(folder, CUSTODY_FILE)));
  const key = deriveSealingKey(passphrase, kdf);
  const opened = unseal(key, check, besideCheck(kdf));
  if (opened === undefined || !opened.equals(CHECK)) {
    throw custodyRefusal(
      'passphrase_wrong',
      `The passphrase does not open ${CUSTODY_FILE}. Give the passphrase this folder was made with, or restore the file from a backup.`,
    );
  }
  return { key, kdf };
}

/** Starts the custody of an empty folder. `weakKdf` is for tests: the cheapest still allowed. */
export function startCustody(
  folder: string,
  passphrase: Uint8Array,
  random: Random,
  kdf: KdfParameters = newKdfParameters(random.bytes(SALT_BYTES)),
): SealingKey {
  const key = deriveSealingKey(passphrase, kdf);
  const check = seal(key, CHECK, besideCheck(kdf), random);
  const text = JSON.stringify({ version: 1, kdf, check }, null, 2);
  writeDurably(join(folder, CUSTODY_FILE), Buffer.from(`${text}\n`, 'utf8'));
  return { key, kdf };
}

function besideCheck(kdf: KdfParameters): Uint8Array {
  return canonicalBytes({ version: 1, kdf });
}

function parseCustody(bytes: Uint8Array): z.infer<typeof custodySchema> {
  try {
    return custodySchema.parse(readJson(Buffer.from(bytes).toString('utf8')));
  } catch (cause) {
    throw custodyRefusal(
      'custody_corrupt',
      `${CUSTODY_FILE} cannot be read. Restore it from a backup; any key file holds the same parameters under custody.kdf.`,
      { cause },
    );
  }
}
