// A new key of an issuer against its older ones: the realm of an issuer never changes, and an
// issuer that once needed the log's countersignature needs it for ever. A server that was taken
// over cannot ask for a key with fewer bonds than the last.

import { signerRefusal } from '../keys-error.ts';
import type { KeyScope } from './key-scope.ts';

/** What binds the keys of an issuer to each other. */
export type BoundScope = Pick<KeyScope, 'tenant' | 'population' | 'requireReceiptFrom'>;

/** @throws CodedError `scope_conflict` */
export function checkAgainstOlder(scope: KeyScope, older: readonly BoundScope[]): void {
  for (const known of older) {
    if (known.tenant !== scope.tenant || known.population !== scope.population) {
      throw signerRefusal('scope_conflict', 'This issuer already speaks for another realm.');
    }
    const bond = known.requireReceiptFrom;
    if (bond !== undefined && bond !== scope.requireReceiptFrom) {
      throw signerRefusal(
        'scope_conflict',
        'Keys of this issuer sign only with a receipt of the log they were made for.',
      );
    }
  }
}
