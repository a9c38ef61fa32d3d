// The signature itself, once its number is on disk. Some custodies take their time: of a key that was
// revoked meanwhile, or came to its end, nothing is released any more.

import type { SigningHandle } from '../custody/custody.ts';
import type { JournalPlace } from '../journal/journal.ts';
import { endedRefusal, revokedRefusal } from './check-life.ts';
import type { HeldKey } from './held-key.ts';

/** What became of one request: signed under its numbers, or refused. */
export type SignOutcome =
  | { place: JournalPlace; signature: Uint8Array | Promise<Uint8Array> }
  | { refused: unknown };

/**
 * A custody that fails now has spent a number: the journal counts what may have been signed.
 * @param noticeEnd looks whether the key is past its last second by now
 */
export function signWith(
  key: HeldKey,
  place: JournalPlace,
  input: Uint8Array,
  noticeEnd: (key: HeldKey) => void,
): SignOutcome {
  const failed = (error: unknown): never => {
    key.failed += 1;
    throw error;
  };
  const made = (signature: Uint8Array): Uint8Array => {
    noticeEnd(key);
    if (key.life.state === 'revoked') throw revokedRefusal();
    if (key.life.state === 'retired') throw endedRefusal();
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
