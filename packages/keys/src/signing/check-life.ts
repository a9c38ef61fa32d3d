// Whether a key signs at this point of its life. Revocation is named first, whatever else is true;
// then the hard end, which no state moves.

import { signerRefusal } from '../keys-error.ts';
import { checkKeyTime } from '../scope/check-scope.ts';
import type { HeldKey } from './held-key.ts';

/**
 * Returns when the key has a handle to sign with, as far as its life goes.
 * @throws CodedError `key_revoked`, `key_not_yet_valid`, `key_expired`, `key_not_active`,
 *   `key_retired`, or why its custody does not answer
 */
export function checkLife({ life, record, signing }: HeldKey, nowMs: number): void {
  if (life.state === 'revoked') {
    throw revokedRefusal();
  }
  checkKeyTime(record.scope, Math.floor(nowMs / 1000));
  if (life.state === 'planned' || life.state === 'published') {
    throw signerRefusal('key_not_active', 'The key is known and does not sign yet.');
  }
  if (life.state !== 'active' || signing === undefined) {
    throw signerRefusal('key_retired', 'The key was retired and never signs again.');
  }
  const away = signing.away();
  if (away !== undefined) throw away;
}

export function revokedRefusal(): Error {
  return signerRefusal('key_revoked', 'The key was revoked and never signs again.');
}

export function endedRefusal(): Error {
  return signerRefusal('key_expired', 'The key came to its end before the signature was made.');
}
