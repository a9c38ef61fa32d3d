// One key in a running signer: what its file says, where it is in its life, and, while it may still
// sign, the handle to its private half.

import type { SigningHandle } from '../custody/custody.ts';
import type { EndedPlace } from '../custody/ended-record.ts';
import type { KeyFileRecord } from '../custody/key-file.ts';
import { custodyRefusal } from '../keys-error.ts';
import { type KeyLife, neverSigns } from '../life/key-life.ts';
import type { ReceiptCheck } from '../scope/check-receipt.ts';

export interface HeldKey {
  readonly record: KeyFileRecord;
  /** Who holds the private half, and where. */
  readonly place: EndedPlace;
  /** Among all keys of this process. */
  readonly order: number;
  /** Present exactly when the scope requires a receipt. */
  readonly receipts?: ReceiptCheck;
  /** As the folder has it, and `retired` as soon as the key is past its last second. */
  life: KeyLife;
  /** Gone once the key never signs again. */
  signing?: SigningHandle;
  /** The same handle, kept for its count: what was being signed when it was given up counts too. */
  counted?: SigningHandle;
  /** Signatures that were numbered and then failed, since the start. */
  failed: number;
}

/** Moves a key on in this process; what signs no more is given up at once. */
export function enterLife(key: HeldKey, life: KeyLife): void {
  key.life = life;
  if (!neverSigns(life) || key.signing === undefined) return;
  key.signing.forget();
  delete key.signing;
}

/**
 * The life of a key as its folder has it.
 * @param version of its file: keys of version 1 are older than the record of lives, and signed from
 *   the moment they were made
 * @throws CodedError `key_life_missing`
 */
export function lifeOf(
  { kid, createdMs }: KeyFileRecord,
  version: number,
  known: KeyLife | undefined,
): KeyLife {
  if (known !== undefined) return known;
  if (version === 1) {
    const sinceMs = { planned: createdMs, published: createdMs, active: createdMs };
    return { state: 'active', sinceMs };
  }
  throw custodyRefusal(
    'key_life_missing',
    `The record of lives does not know the key ${kid}. Restore the folder lives/ from the backup that the key is from: a key of which nobody knows whether it was revoked does not sign.`,
  );
}

/** Of a key that has a life beyond `planned`. */
export function fileMissing(kid: string): Error {
  return custodyRefusal(
    'key_file_missing',
    `The record of lives has the key ${kid}, and its file is not in keys/. Restore it from a backup: a key that anybody has seen is kept for ever, so that its use can be told.`,
  );
}
