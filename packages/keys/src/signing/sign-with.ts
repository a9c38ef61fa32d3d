// The signature itself, once its number is on disk. Some custodies take their time: what was revoked
// meanwhile is not released any more.

import type { SigningHandle } from '../custody/custody.ts';
import type { JournalPlace } from '../journal/journal.ts';
import { revokedRefusal } from './check-life.ts';
import type { HeldKey } from './held-key.ts';

/** What became of one request: signed under its numbers, or refused. */
export type SignOutcome =
  | { place: JournalPlace; signature: Uint8Array | Promise<Uint8Array> }
  | { refused: unknown };

/** A custody that fails now has spent a number: the journal counts what may have been signed. */
export function signWith(key: HeldKey, place: JournalPlace, input: Uint8Array): SignOutcome {
  const failed = (error: unknown): never => {
    key.failed += 1;
    throw error;
  };
  const made = (signature: Uint8Array): Uint8Array => {
    if (key.life.state === 'revoked') throw revokedRefusal();
    return signature;
  };
  try {
    const signature = (key.signing as SigningHandle).sign(input);
    return {
      place,
      signature: signature instanceof Promise ? signature.then(made, failed) : signature,
    };
  } catch (error) {
    key.failed += 1;
    return { refused: error };
  }
}
