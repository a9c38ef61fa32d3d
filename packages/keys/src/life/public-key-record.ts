// Everything the house may know of one key: what it is, where it is in its life, who holds it, and
// how often it has signed.

import type { CustodyKind } from '../custody/custody.ts';
import type { KeyFileRecord } from '../custody/key-file.ts';
import type { HeldKey } from '../signing/held-key.ts';
import type { KeyLife } from './key-life.ts';

export interface KeyCounts {
  /** Signatures in the journal: the last `keyNumber`. */
  journalled: number;
  /** Of those, since this signer started. */
  sinceStart: number;
  /**
   * Signatures that the custody made since this signer started. With `failed` it is `sinceStart`,
   * but for those that the custody is making now.
   */
  made: number;
  /** Signatures since this start that were numbered, and that the custody then did not make. */
  failed: number;
}

export interface PublicKeyRecord extends KeyFileRecord {
  life: KeyLife;
  custody: CustodyKind;
  counts: KeyCounts;
  /** Which of several signers holds it; absent where there is one. */
  signer?: string;
  /** That signer does not answer at the moment: all of this is what it said last. Looked up when read. */
  readonly away?: true;
}

/** @param journalled see KeyCounts @param before of those, how many were there at the start */
export function describeKey(key: HeldKey, journalled: number, before: number): PublicKeyRecord {
  const made = key.counted?.made ?? 0;
  const counts = { journalled, sinceStart: journalled - before, made, failed: key.failed };
  return { ...key.record, life: key.life, custody: key.place.kind, counts };
}
