// A key that its custody has not, or has not as it was made. It never signs, and keeps none of the
// others from signing: were the signer not to start, nobody could revoke this one either.

import { type CodedError, isCodedError } from '@countersign/vocabulary';
import { type CustodyRefusal, signerRefusal } from '../keys-error.ts';
import type { SignerOptions } from '../signing/open-folder.ts';
import type { Custodies } from './custodies.ts';
import type { KeptKey, SigningHandle } from './custody.ts';

/** What is wrong with one key, and not with its whole custody, or the way to it. */
const OF_ONE_KEY: ReadonlySet<string> = new Set<CustodyRefusal>([
  'custody_key_missing',
  'custody_key_duplicate',
  'custody_key_unfit',
]);

/** @throws CodedError what is wrong with the whole custody, or the way to it */
export async function openOrTell(
  key: KeptKey,
  { custodies, onUnusable }: { custodies: Custodies; onUnusable?: SignerOptions['onUnusable'] },
): Promise<SigningHandle> {
  try {
    return await custodies.of(key.place.kind).open(key);
  } catch (error) {
    if (!isCodedError(error) || !OF_ONE_KEY.has(error.code)) throw error;
    onUnusable?.(error);
    return new UnusableKey(error);
  }
}

class UnusableKey implements SigningHandle {
  readonly #why: CodedError;
  readonly made = 0;

  constructor(why: CodedError) {
    this.#why = why;
  }

  sign(): never {
    throw this.away();
  }

  /** For now: whoever puts the key right starts the signer again. */
  away(): CodedError {
    return signerRefusal('signer_unavailable', this.#why.message, { cause: this.#why });
  }

  forget(): void {
    // Nothing is held.
  }
}
